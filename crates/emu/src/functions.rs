//! The guest's functions, for plugins: of its program, interpreter, libraries and vDSO.

use engine::Engine;
use memory::{GUEST_END, Role};
use std::sync::Arc;
use symbols::{Contents, Region, Source, Symbols, maps};

/// The guest's mappings. They are the host's, below [`GUEST_END`].
struct Guest(Arc<Engine>);

impl Source for Guest {
    fn generation(&self) -> u64 {
        self.0.memory().code_changes()
    }

    fn regions(&self) -> Vec<Region> {
        let mut regions = maps::files_below(GUEST_END);
        // No file is behind the vDSO; it is one.
        for m in self.0.memory().snapshot().into_iter().filter(|m| m.attributes.role == Role::Vdso) {
            let mut bytes = vec![0; (m.end - m.start) as usize];
            if self.0.peek(m.start, &mut bytes) {
                regions.push(Region { start: m.start, end: m.end, contents: Contents::Bytes(bytes) });
            }
        }
        regions
    }
}

/// Finds functions by guest address.
pub(crate) fn symbols(engine: &Arc<Engine>) -> plugin_host::Symbols {
    let symbols = Symbols::new(Box::new(Guest(engine.clone())));
    Arc::new(move |addr| symbols.function(addr))
}
