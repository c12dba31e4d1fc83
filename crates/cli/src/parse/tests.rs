use super::*;

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn line(text: &str) -> Line {
    match parse(false, words(text), &Outside::default()) {
        Ok(Request::Do(line)) => *line,
        Ok(_) => panic!("{text}: asks for something else"),
        Err(e) => panic!("{text}: {}", e.line),
    }
}

fn error(text: &str) -> String {
    match parse(false, words(text), &Outside::default()) {
        Err(e) => {
            assert_eq!(e.status, 2, "{text}");
            e.line
        }
        Ok(_) => panic!("{text}: understood"),
    }
}

fn drop_in(text: &str) -> Line {
    match parse(true, words(text), &Outside::default()) {
        Ok(Request::Do(line)) => *line,
        _ => panic!("{text}"),
    }
}

#[test]
fn a_program_without_a_verb_runs() {
    for text in ["./prog -x stat", "run ./prog -x stat", "run -- ./prog -x stat", "-- ./prog -x stat"] {
        let l = line(text);
        assert_eq!(l.verb, Verb::Run, "{text}");
        assert_eq!(l.words, words("./prog -x stat"), "{text}");
    }
    assert!(line("--strace ./prog").settings.strace);
    assert_eq!(line("-- stat ./prog").verb, Verb::Run);
}

#[test]
fn the_guest_keeps_its_words() {
    let l = line("stat --json ./prog --json -- -v");
    assert_eq!(l.words, words("./prog --json -- -v"));
    assert!(l.settings.json && !l.settings.verbose);
    assert_eq!(line("run -- ./prog -- x").words, words("./prog -- x"));
}

#[test]
fn spellings_of_a_value() {
    for text in ["run -L /x p", "run -L/x p", "run --sysroot /x p", "run --sysroot=/x p", "-L /x p"] {
        assert_eq!(line(text).settings.sysroot.as_deref(), Some(std::path::Path::new("/x")), "{text}");
    }
    let l = line("run -qv -E A=1 -U B,C -E D=2 p");
    assert!(l.settings.quiet && l.settings.verbose);
    assert_eq!(l.settings.env.len(), 4);
}

#[test]
fn run_understands_the_reference() {
    let l = line("run -cpu rv64 -strace -0 name -s 1Mi -one-insn-per-tb -seed 7 -B 0x1000 p");
    let s = &l.settings;
    assert_eq!(s.cpu.as_deref(), Some("rv64"));
    assert!(s.strace && s.one_insn);
    assert_eq!((s.stack, s.seed, s.warnings.len()), (Some(1 << 20), Some(7), 1));
    assert_eq!(
        error("run -g 1234 p"),
        "-g 1234: debugging with gdb is not in this version; --strace and 'fluoro stat' are"
    );
}

#[test]
fn plugins_and_logs_in_both_spellings() {
    for text in [
        "run -p a.so,x=1 -p b.so --log-items plugin --log f p",
        "run -plugin a.so,x=1 --plugin=b.so -d plugin -D f p",
        "stat -pa.so,x=1 --plugin b.so -d plugin -D f p",
    ] {
        let s = line(text).settings;
        assert_eq!(s.plugins, ["a.so,x=1", "b.so"], "{text}");
        assert!(s.log_plugin, "{text}");
        assert_eq!(s.log.as_deref(), Some(std::path::Path::new("f")), "{text}");
    }
    let s = drop_in("-d plugin,tid -D f -plugin a.so -one-insn-per-tb -cpu rv64 p").settings;
    assert!(s.log_plugin && s.log_per_thread && s.one_insn && s.cpu.as_deref() == Some("rv64"));
    assert_eq!(s.plugins, ["a.so"]);
    let s = line("run --plugin-text=off --plugin-atexit=always p").settings;
    assert!(s.atexit_always && s.plugin_text == Some(false));
    assert_eq!(line("run --plugin-text auto p").settings.plugin_text, None);
    assert_eq!(error("run --plugin-atexit=x p"), "--plugin-atexit x: is neither contract nor always");
    assert_eq!(error("run --plugin-text x p"), "--plugin-text x: is none of auto, on, off");
}

#[test]
fn drop_in_names_speak_the_reference() {
    let s = drop_in("-p 4096 -cpu max --strace -U A -E B=1 prog -strace").settings;
    assert!(s.strace);
    assert_eq!((s.cpu.as_deref(), s.env.len(), s.warnings.len()), (Some("max"), 2, 1));
    assert_eq!(drop_in("./prog run").words, words("./prog run"));
    assert!(matches!(parse(true, words("-version"), &Outside::default()), Ok(Request::Version)));
    assert!(matches!(parse(true, words("-h"), &Outside::default()), Ok(Request::Help(_))));
}

#[test]
fn wrong_lines_say_where_to_read() {
    assert_eq!(error("run --frob ./p"), "--frob: unknown option; try 'fluoro help run'");
    assert_eq!(error("run -Z ./p"), "-Z: unknown option; try 'fluoro help run'");
    assert_eq!(error("--frob"), "--frob: unknown option; try 'fluoro help'");
    assert_eq!(error("stat -o"), "-o: needs FILE; try 'fluoro help stat'");
    assert_eq!(error("run --strace=1 p"), "--strace: takes no value; try 'fluoro help run'");
    assert_eq!(error("--strace run p"), "--strace: belongs behind 'run'; try 'fluoro help'");
    assert_eq!(error("run --stack 12Q p"), "--stack 12Q: is not a size; use digits, then k, M, G, Ki, Mi or Gi");
    assert_eq!(error("run --json p"), "--json: unknown option; try 'fluoro help run'");
}

#[test]
fn help_is_everywhere() {
    assert!(matches!(parse(false, words("--help"), &Outside::default()), Ok(Request::Help(None))));
    assert!(matches!(parse(false, words("stat -h"), &Outside::default()), Ok(Request::Help(Some(Verb::Stat)))));
    assert!(matches!(parse(false, words("-q run --help"), &Outside::default()), Ok(Request::Help(Some(Verb::Run)))));
    assert!(matches!(parse(false, words("--version"), &Outside::default()), Ok(Request::Version)));
    assert!(matches!(parse(false, vec![], &Outside::default()), Ok(Request::Nothing)));
}

#[test]
fn verbs_without_a_guest_take_options_anywhere() {
    let l = line("help stat --man");
    assert_eq!(l.words, words("stat"));
    assert!(l.settings.man);
}
