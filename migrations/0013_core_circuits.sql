-- Circuits are no longer of a queue, and no longer of the core: a module keeps them, by what is called.
--
-- What the old ones knew is learned again by the next five calls. Dropping the table locks
-- supaqueue.queue, whatever its size, for as long as a row of the catalog takes.

drop table supaqueue.circuit;
