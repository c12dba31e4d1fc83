//! Loading plugins (contract, section 1.12): the steps in their order, and the first problem.

use crate::current::{Allowed, Current, Kind};
use crate::error::{LoadError, Problem};
use crate::events::Slot;
use crate::host::{Host, Setup, Spec};
use crate::instrument::Watcher;
use crate::library::{self, Library};
use crate::log::LogTarget;
use crate::needs::{Needs, SPECIAL, is_cut, is_special};
use crate::plugin::{Abilities, Opened, Plugin};
use crate::{check, crash, glib, lifecycle, log, watch};
use engine::{Engine, Instrument};
use plugin_abi::{CUR_VERSION, MIN_VERSION, QemuInfo};
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// Loads the plugins and has them installed, in order. To be called once in a process, before it has guest code and
/// vCPUs; what is returned is for [`Engine::set_instrument`].
///
/// # Errors
/// The first plugin that cannot be loaded or refuses. The process should then end with status 1 through the C
/// library's `exit`, so that the atexit callbacks that are registered already are run (contract, section 1.12).
pub fn load(engine: Arc<Engine>, setup: Setup) -> Result<Arc<dyn Instrument>, LoadError> {
    let again = |()| LoadError { file: String::new(), problem: Problem::Again };
    let host = Host::set(engine, setup).map_err(again)?;
    lifecycle::tell_at_exit();
    crash::watch();
    hostos::signal::own_stack();
    let _aborts = crash::Aborts::watch();
    watch::start(host.setup.timeout);
    log::open(&host.setup.log).map_err(|e| {
        let (LogTarget::File(path) | LogTarget::FilePerThread { name: path, .. }) = &host.setup.log else {
            return LoadError { file: "the log".into(), problem: Problem::Log(e.to_string()) };
        };
        LoadError { file: path.display().to_string(), problem: Problem::Log(e.to_string()) }
    })?;
    let name = CString::new(host.engine.guest().name()).unwrap_or_default();
    for spec in &host.setup.specs {
        let file = spec.file.display().to_string();
        let own = |problem: Problem| if host.setup.own_words { problem.in_own_words(&spec.file) } else { problem };
        one(host, spec, &name).map_err(|problem| LoadError { file, problem: own(problem) })?;
    }
    Ok(Arc::new(Watcher::new(host)))
}

fn one(host: &Host, spec: &Spec, target: &CStr) -> Result<(), Problem> {
    let strings: Result<Vec<CString>, _> = spec.args.iter().map(|a| CString::new(a.as_bytes())).collect();
    let strings = strings.map_err(|_| Problem::Argument)?;
    let abilities = look_at(&spec.file)?;
    let library = open(&spec.file)?;
    let install = library.symbol(c"qemu_plugin_install").map_err(Problem::NoInstall)?;
    if install == 0 {
        return Err(Problem::NullInstall);
    }
    let version = version_of(&library)?;
    let range = library::object_of(install);
    let name = spec.file.display().to_string();
    let opened = Opened { name, version, library, range, abilities, strings };
    let plugin = Plugin::new(opened).ok_or(Problem::TooMany)?;
    host.registry().plugins.push(plugin);
    let slot = Slot { plugin, function: install, userdata: 0 };
    match slot.install(&QemuInfo::user(target.as_ptr())) {
        0 => Ok(()),
        code => Err(Problem::Refused(code)),
    }
}

/// Opens it. What its constructors do wrong is theirs.
fn open(file: &Path) -> Result<Library, Problem> {
    let plugin = Plugin::loading(file.display().to_string());
    let load = Current { plugin, kind: Kind::Load, allowed: Allowed::Nothing, userdata: 0 };
    load.during(|| Some(Library::open(file).map_err(Problem::Open))).unwrap_or(Err(Problem::Again))
}

/// Sees to what the dynamic linker leaves undone or says wrongly; what it says well is left to it. Says what the plugin
/// can do.
fn look_at(file: &Path) -> Result<Abilities, Problem> {
    let problem = |what: &str| Err(Problem::Open(format!("{}: {what}", file.display())));
    if is_special(file) {
        return problem(SPECIAL);
    }
    if std::fs::read(file).is_ok_and(|data| is_cut(&data)) {
        return problem("file too short");
    }
    let Ok(needs) = Needs::read(file) else { return Ok(Abilities::ALL) };
    if let Some(what) = check::foreign(&needs) {
        return problem(&what);
    }
    if needs.glib {
        // If it is not there, opening the plugin says what is missing.
        let _ = glib::load_global();
    }
    Ok(Abilities {
        finds_elements: needs.functions.contains("qemu_plugin_scoreboard_find"),
        watches_blocks: needs.functions.contains("qemu_plugin_register_vcpu_tb_trans_cb"),
    })
}

fn version_of(library: &Library) -> Result<i32, Problem> {
    let address = library.symbol(c"qemu_plugin_version").map_err(Problem::NoVersion)?;
    let pointer = std::ptr::with_exposed_provenance::<i32>(address);
    if pointer.is_null() {
        return Err(Problem::NoVersion("its address is 0".into()));
    }
    // SAFETY: the symbol is an `int` of the plugin, which is open.
    let version = unsafe { pointer.read_unaligned() };
    match version {
        ..MIN_VERSION => Err(Problem::TooOld(version)),
        MIN_VERSION..=CUR_VERSION => Ok(version),
        _ => Err(Problem::TooNew(version)),
    }
}
