-- Each session keeps so many chats and contacts: those that nobody wrote in for longest go first.

-- The day of the last message, counted from 1970. 0: before this column.
ALTER TABLE chats ADD COLUMN day INTEGER NOT NULL DEFAULT 0;

-- The day on which the number was last seen with its LID, or looked up. 0: before this column.
ALTER TABLE contacts ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
