ALTER TABLE notes ADD COLUMN changed_at text;

CREATE TRIGGER notes_changed AFTER UPDATE OF text ON notes
BEGIN
    UPDATE notes SET changed_at = CURRENT_TIMESTAMP WHERE id = NEW.id;
END;
