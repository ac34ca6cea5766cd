-- Room on each page of stock for new versions of its rows: an update that stays on its page touches no index. Pages written before keep
-- what they have until their rows move.
ALTER TABLE stock SET (fillfactor = 85);
