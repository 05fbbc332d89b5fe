/** Settings that several tests' servers have. */

/** Nothing but WAL is written: no checkpoint, no page of a buffer that is not needed; nothing is vacuumed unasked. */
export const WAL_ONLY = {
  checkpoint_timeout: '1h',
  max_wal_size: '4GB',
  bgwriter_lru_maxpages: 0,
  autovacuum: false,
};
