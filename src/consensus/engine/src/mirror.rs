// SPDX-License-Identifier: Apache-2.0
//! What the engine reads of the log: a copy in memory of what C++ keeps on disk.

use raft::eraftpb::{ConfState, Entry, HardState, Snapshot};
use raft::{Error, GetEntriesContext, RaftState, Result, Storage, StorageError};

#[derive(Default)]
pub struct Mirror {
    pub hard_state: HardState,
    pub conf_state: ConfState,
    /// (index, term) of the entry before the first one; the engine may ask for its term.
    pub truncated: (u64, u64),
    pub entries: Vec<Entry>,
    /// The newest snapshot that C++ can send; `data` is only its descriptor.
    pub snapshot: Snapshot,
}

impl Mirror {
    fn first(&self) -> u64 {
        self.truncated.0 + 1
    }

    fn last(&self) -> u64 {
        self.truncated.0 + self.entries.len() as u64
    }

    /// Appends, replacing any suffix that conflicts.
    pub fn append(&mut self, entries: &[Entry]) {
        if let Some(entry) = entries.first() {
            assert!(
                self.first() <= entry.index && entry.index <= self.last() + 1,
                "append at {} outside {}..{}",
                entry.index,
                self.first(),
                self.last() + 1
            );
            self.entries.truncate((entry.index - self.first()) as usize);
            self.entries.extend_from_slice(entries);
        }
    }

    /// Forgets entries up to and including `index`.
    pub fn compact(&mut self, index: u64) {
        if index < self.first() {
            return;
        }
        assert!(index <= self.last(), "compact {} beyond {}", index, self.last());
        let count = (index - self.truncated.0) as usize;
        self.truncated = (index, self.entries[count - 1].term);
        self.entries.drain(..count);
    }

    /// The log starts over behind a snapshot that came from the leader.
    pub fn install(&mut self, snapshot: &Snapshot) {
        let meta = snapshot.get_metadata();
        self.truncated = (meta.index, meta.term);
        self.entries.clear();
        self.conf_state = meta.get_conf_state().clone();
        self.snapshot = snapshot.clone();
    }
}

impl Storage for Mirror {
    fn initial_state(&self) -> Result<RaftState> {
        Ok(RaftState::new(self.hard_state.clone(), self.conf_state.clone()))
    }

    fn entries(
        &self,
        low: u64,
        high: u64,
        max_size: impl Into<Option<u64>>,
        _: GetEntriesContext,
    ) -> Result<Vec<Entry>> {
        if low < self.first() {
            return Err(Error::Store(StorageError::Compacted));
        }
        assert!(high <= self.last() + 1, "entries up to {} of {}", high, self.last());
        let from = (low - self.first()) as usize;
        let to = (high - self.first()) as usize;
        let mut found = self.entries[from..to].to_vec();
        raft::util::limit_size(&mut found, max_size.into());
        Ok(found)
    }

    fn term(&self, index: u64) -> Result<u64> {
        if index == self.truncated.0 {
            return Ok(self.truncated.1);
        }
        if index < self.first() {
            return Err(Error::Store(StorageError::Compacted));
        }
        match self.entries.get((index - self.first()) as usize) {
            Some(entry) => Ok(entry.term),
            None => Err(Error::Store(StorageError::Unavailable)),
        }
    }

    fn first_index(&self) -> Result<u64> {
        Ok(self.first())
    }

    fn last_index(&self) -> Result<u64> {
        Ok(self.last())
    }

    fn snapshot(&self, request_index: u64, _to: u64) -> Result<Snapshot> {
        let index = self.snapshot.get_metadata().index;
        if index == 0 || index < request_index || index < self.truncated.0 {
            return Err(Error::Store(StorageError::SnapshotTemporarilyUnavailable));
        }
        Ok(self.snapshot.clone())
    }
}
