-- What coming level needs beyond the house: which life of the endpoint was offered everything of a vault.

-- The endpoint's generation in which its chains of this vault were compared with ours; none while they were not.
ALTER TABLE vault ADD COLUMN offered BLOB;
