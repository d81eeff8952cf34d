-- Handing on: since when this device departs from a case's file, by its corrected clock; none while it stays.
ALTER TABLE vault ADD COLUMN departs_since_ms INTEGER;
