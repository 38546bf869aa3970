DROP TRIGGER notes_changed;
ALTER TABLE notes DROP COLUMN changed_at;
