use super::*;

/// The plugins that strings name, as `FILE [argument argument…]`, and the warnings.
fn read(texts: &[&str]) -> (Vec<String>, Vec<String>) {
    let mut words = PluginWords::default();
    for text in texts {
        words.add(OsStr::new(text)).unwrap_or_else(|stop| panic!("{text}: {stop:?}"));
    }
    (shown(&words), words.warnings)
}

fn shown(words: &PluginWords) -> Vec<String> {
    let show = |s: &PluginSpec| format!("{} {:?}", s.file.display(), s.args);
    words.specs.iter().map(|s| show(s).replace('"', "")).collect()
}

/// Reads without a warning.
#[track_caller]
fn quiet(texts: &[&str], specs: &[&str]) {
    assert_eq!(read(texts), (specs.iter().map(|s| s.to_string()).collect(), vec![]), "{texts:?}");
}

/// Reads one string, which makes these warnings.
#[track_caller]
fn warned(text: &str, spec: &str, warnings: &[&str]) {
    let (specs, got) = read(&[text]);
    assert_eq!((specs, got), (vec![spec.to_string()], warnings.iter().map(|w| w.to_string()).collect()), "{text}");
}

#[track_caller]
fn stops(text: &str) -> Stop {
    PluginWords::default().add(OsStr::new(text)).expect_err(text)
}

#[track_caller]
fn wrong(text: &str, why: &str) {
    assert_eq!(stops(text), Stop::Wrong(why.to_string()), "{text}");
}

#[test]
fn the_first_element_without_a_name_is_the_file() {
    quiet(&["./p.so"], &["./p.so []"]);
    quiet(&["./p.so,k=v"], &["./p.so [k=v]"]);
}

#[test]
fn the_file_by_name() {
    quiet(&["file=./p.so,k=v"], &["./p.so [k=v]"]);
    quiet(&["file=./p.so,k=v=w"], &["./p.so [k=v=w]"]);
}

#[test]
fn a_doubled_comma_is_a_comma() {
    quiet(&["./p.so,baz=1,,2"], &["./p.so [baz=1,2]"]);
    quiet(&["./p.so,,x"], &["./p.so,x []"]);
    quiet(&["./p.so,,x=y,a=1"], &["./p.so,x=y [a=1]"]);
    quiet(&["./p.so,a=1,,,b=2"], &["./p.so [a=1,, b=2]"]);
    quiet(&["./p.so,a=,,,,"], &["./p.so [a=,,]"]);
}

#[test]
fn a_word_means_on() {
    let warning = "short-form boolean option 'foo' deprecated\nPlease use foo=on instead";
    warned("./p.so,foo", "./p.so [foo=on]", &[warning]);
}

#[test]
fn a_word_with_no_means_off() {
    let warning = "short-form boolean option 'nofoo' deprecated\nPlease use foo=off instead";
    warned("./p.so,nofoo", "./p.so [foo=off]", &[warning]);
    let warning = "short-form boolean option 'no' deprecated\nPlease use =off instead";
    warned("./p.so,no", "./p.so [=off]", &[warning]);
    quiet(&["./p.so,nofoo=1", "./p.so,no=1"], &["./p.so [nofoo=1, no=1]"]);
}

#[test]
fn help_as_a_later_word_is_an_argument() {
    quiet(&["./p.so,help"], &["./p.so [help=on]"]);
    quiet(&["./p.so,help=1"], &["./p.so [help=1]"]);
}

#[test]
fn help_as_a_value_or_in_place_of_a_file_asks_for_the_usage() {
    for text in ["help", "?", "./p.so,foo=help", "./p.so,foo=?", "file=help", "./p.so,a=1,foo=?,b=2"] {
        assert_eq!(stops(text), Stop::Help, "{text}");
    }
    assert_eq!(HELP, "Plugin options\n  file=<path/to/plugin.so>\n  plugin specific arguments\n");
}

#[test]
fn an_empty_value() {
    quiet(&["./p.so,qux="], &["./p.so [qux=]"]);
}

#[test]
fn an_empty_name() {
    quiet(&["./p.so,=v"], &["./p.so [=v]"]);
}

#[test]
fn a_comma_at_the_end() {
    quiet(&["./p.so,"], &["./p.so []"]);
    quiet(&["./p.so,a=1,"], &["./p.so [a=1]"]);
}

#[test]
fn ids_are_swallowed() {
    quiet(&["./p.so,id=abc"], &["./p.so []"]);
    quiet(&["./p.so,id=a-b._9,x=1"], &["./p.so [x=1]"]);
    let why = "Parameter 'id' expects an identifier\nIdentifiers consist of letters, digits, '-', '.', '_', starting \
               with a letter.";
    for text in ["./p.so,id=1abc", "./p.so,id=", "./p.so,id=a b", "./p.so,x=help,id=-"] {
        wrong(text, why);
    }
}

#[test]
fn nothing_is_nothing() {
    quiet(&[""], &[]);
    quiet(&["", "./p.so", ""], &["./p.so []"]);
}

#[test]
fn an_empty_file() {
    for text in ["file=", ",a=b", "./p.so,file="] {
        assert_eq!(stops(text), Stop::NoFile("requires a non-empty argument"), "{text}");
    }
}

#[test]
fn arguments_before_the_file() {
    for text in ["k=v,file=./p.so", "k=v", "=v", "id=a,k=v"] {
        assert_eq!(stops(text), Stop::NoFile("missing earlier '-plugin file=' option"), "{text}");
    }
    let mut words = PluginWords::default();
    words.add(OsStr::new("./p.so")).unwrap();
    // Each string begins anew.
    assert!(words.add(OsStr::new("k=v")).is_err());
}

#[test]
fn two_plugins_in_one_string() {
    quiet(&["./a.so,x=1,file=./b.so,y=2"], &["./a.so [x=1]", "./b.so [y=2]"]);
    quiet(&["./a.so,x=1,file=./a.so,y=2"], &["./a.so [x=1, y=2]"]);
}

#[test]
fn old_style_arguments() {
    for word in ["on", "yes", "true", "y", "off", "no", "false", "n"] {
        quiet(&[&format!("./p.so,arg={word}")], &[&format!("./p.so [arg={word}]")]);
    }
    let warning = "using 'arg=hello' is deprecated\nPlease use 'hello=on' directly";
    warned("./p.so,arg=hello", "./p.so [hello=on]", &[warning]);
    let warning = "using 'arg=a=b' is deprecated\nPlease use 'a=b' directly";
    warned("./p.so,arg=a=b", "./p.so [a=b]", &[warning]);
    warned("./p.so,arg=", "./p.so [=on]", &["using 'arg=' is deprecated\nPlease use '=on' directly"]);
    warned("./p.so,arg=ON", "./p.so [ON=on]", &["using 'arg=ON' is deprecated\nPlease use 'ON=on' directly"]);
}

#[test]
fn the_same_path_twice_is_one_load() {
    quiet(&["./a.so,x=1", "./b.so", "./a.so,x=2"], &["./a.so [x=1, x=2]", "./b.so []"]);
    quiet(&["./p.so,x=1", "././p.so,y=2"], &["./p.so [x=1]", "././p.so [y=2]"]);
}

#[test]
fn bytes_that_are_no_text() {
    let mut words = PluginWords::default();
    words.add(OsStr::from_bytes(b"./\xff.so,a=\xfe")).unwrap();
    assert_eq!(words.specs[0].file.as_bytes(), b"./\xff.so");
    assert_eq!(words.specs[0].args[0].as_bytes(), b"a=\xfe");
}

/// What a program that the guest starts makes of it.
#[track_caller]
fn again_is(file: &str, args: &[&str]) -> PluginSpec {
    let spec = PluginSpec { file: file.into(), args: args.iter().map(OsString::from).collect() };
    let mut words = PluginWords::default();
    words.add(&again(&spec)).unwrap();
    assert_eq!(words.specs.len(), 1);
    let read = words.specs.remove(0);
    assert_eq!(read.args, spec.args);
    read
}

#[test]
fn handed_on_with_absolute_paths_and_the_same_arguments() {
    let args =
        ["a=1", "b=1,2", "help=on", "=v", "x=", "id=1", "file=x", "arg=on", "arg=x", "k=help", "k=?", "a,b=c", "=help"];
    assert_eq!(again_is("/x,y/p.so", &args).file, "/x,y/p.so");
    let here = std::env::current_dir().unwrap();
    let file = |name: &str| again_is(name, &[]).file;
    assert_eq!(file("./p.so"), here.join("./p.so").into_os_string());
    assert_eq!(file("././p.so"), here.join("././p.so").into_os_string());
    assert_eq!(file("Cargo.toml"), here.join("Cargo.toml").into_os_string());
    assert_eq!(file("nowhere.so"), "nowhere.so");
}
