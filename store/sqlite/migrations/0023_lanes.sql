-- A chat has one lane in the outbox, whichever of its addresses a message was queued under: by number, once the
-- number of its LID is known. Whether an older message of a chat waits is looked up before each hand-over.

CREATE INDEX outbox_in_lanes ON outbox (session_id, chat, handed, number);

UPDATE outbox
SET chat = (
    SELECT MIN(contacts.number) || '@s.whatsapp.net'
    FROM contacts
    WHERE contacts.session_id = outbox.session_id AND contacts.lid = outbox.chat
)
WHERE EXISTS (
    SELECT 1
    FROM contacts
    WHERE contacts.session_id = outbox.session_id AND contacts.lid = outbox.chat
);
