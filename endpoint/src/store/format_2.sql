-- Format 2 of endpoint.db: whoever hands a case on goes on reading its log, and segments up to that moment.
-- Once released this file never changes; the next format is another file.

-- Arrival of the record since which a member departs; none while it stays.
ALTER TABLE member ADD COLUMN departed INTEGER;
