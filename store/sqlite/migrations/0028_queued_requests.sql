-- The request queue has the name that the rest of Motte gives it. Its rows live as long as their requests.

ALTER TABLE errands RENAME TO queued_requests;
