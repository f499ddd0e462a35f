-- A function is called by what it does: a document is ended. An answer is the response to a request. Locks no table.

drop function if exists fetchq.answer(varchar, varchar, text, jsonb, text, timestamptz);
