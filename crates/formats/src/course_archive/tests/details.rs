//! Problems, videos and discussions.

use std::collections::BTreeMap;

use super::*;

#[test]
fn the_question_is_read_without_choices_hints_scripts_and_mark_up() {
    let archive = read_vertical(
        r#"<problem url_name="p" display_name="P" weight="2"><script>x = 1</script><style>p {}</style>
        <h3>Part 1</h3><p>Which   <b>num</b>ber is
        prime?</p><multiplechoiceresponse><label>Pick one</label><description>Only one is.</description><choicegroup type="MultipleChoice">
          <choice correct="false" name="a">Four<choichint>No</choichint><choicehint>It is 2 x 2</choicehint></choice>
          <choice correct="True" name="b"><text>Five</text></choice><choice correct="partial">Nine</choice>
        </choicegroup></multiplechoiceresponse><p>Good luck</p>
        <solution><p>Five has no divisors</p></solution><demandhint><hint>Think</hint><hint>Again</hint></demandhint></problem>"#,
    );
    let problem = problem(&archive, "p");
    assert_eq!(problem.text, "Part 1 Which number is prime? Pick one Only one is. Good luck");
    assert_eq!((problem.n_hints, problem.has_solution, problem.has_script, problem.weight), (2, true, true, Some(2.0)));
    assert_eq!((problem.itype(), problem.n_responses), (Some("multiplechoiceresponse"), 1));
    let [input] = problem.inputs.as_slice() else { panic!("one field") };
    assert_eq!((input.answer_id_suffix().as_str(), input.input_type.as_deref()), ("2_1", Some("choicegroup")));
    assert_eq!(input.label.as_deref(), Some("Pick one"));
    let choices: Vec<_> = input.choices.iter().map(|choice| (choice.id.as_str(), choice.text.as_str(), choice.correct)).collect();
    assert_eq!(choices, [("choice_a", "Four No", Some(false)), ("choice_b", "Five", Some(true)), ("choice_2", "Nine", None)]);
    assert_eq!(
        input.choices_json().as_deref(),
        Some(
            r#"[{"id":"choice_a","text":"Four No","correct":false},{"id":"choice_b","text":"Five","correct":true},{"id":"choice_2","text":"Nine","correct":null}]"#
        )
    );
}

#[test]
fn each_kind_of_response_gives_its_fields_choices_and_answers() {
    let archive = read_vertical(
        r#"<problem url_name="p"><div>
        <choiceresponse><checkboxgroup label="Several"><choice correct="true">A</choice><choice correct="false" name="x">B</choice></checkboxgroup></choiceresponse>
        <optionresponse><optioninput options="('yes','it\'s &quot;no&quot;')" correct="yes"/></optionresponse>
        <optionresponse><optioninput><option correct="True">up<optionhint>h</optionhint></option><option correct="False">down</option></optioninput></optionresponse>
        <stringresponse answer="photosynthesis" type="ci"><additional_answer answer="the light reaction"/><additional_answer>old form</additional_answer><textline size="20" label="Name it"/></stringresponse>
        <numericalresponse answer="3.14"><responseparam type="tolerance" default="5%"/><formulaequationinput/></numericalresponse>
        <customresponse cfn="f" expect="1 2"><textline/><p><textline/></p></customresponse>
        <coderesponse queuename="q"><textbox/></coderesponse><schematicresponse><schematic/></schematicresponse>
        <imageresponse><imageinput src="/static/i.png" rectangle="(1,2)-(3,4)"/></imageresponse><formularesponse answer="a*b"/>
        </div></problem>
        <problem url_name="none"><p>Only text</p></problem>"#,
    );
    let found = problem(&archive, "p");
    assert_eq!((found.itype(), found.n_responses, found.inputs.len()), (Some("mixed"), 10, 11));
    assert_eq!(found.response_types[..3], ["choiceresponse", "optionresponse", "stringresponse"]);
    let fields: Vec<_> = found.inputs.iter().map(|input| (input.answer_id_suffix(), input.input_type.as_deref().unwrap_or("-"))).collect();
    let expected = [
        ("2_1", "checkboxgroup"),
        ("3_1", "optioninput"),
        ("4_1", "optioninput"),
        ("5_1", "textline"),
        ("6_1", "formulaequationinput"),
        ("7_1", "textline"),
        ("7_2", "textline"),
        ("8_1", "textbox"),
        ("9_1", "schematic"),
        ("10_1", "imageinput"),
        ("11_1", "-"),
    ];
    assert_eq!(fields.iter().map(|(suffix, kind)| (suffix.as_str(), *kind)).collect::<Vec<_>>(), expected);
    let ids = |at: usize| found.inputs[at].choices.iter().map(|choice| (choice.id.as_str(), choice.correct)).collect::<Vec<_>>();
    assert_eq!(ids(0), [("choice_0", Some(true)), ("choice_1", Some(false))]);
    assert_eq!(ids(1), [("yes", Some(true)), ("it's \"no\"", Some(false))]);
    assert_eq!(ids(2), [("up", Some(true)), ("down", Some(false))]);
    assert_eq!(found.inputs[3].answers, ["photosynthesis", "the light reaction", "old form"]);
    assert_eq!((found.inputs[3].label.as_deref(), found.inputs[4].tolerance.as_deref()), (Some("Name it"), Some("5%")));
    assert_eq!(found.inputs[5].answers, ["1 2"]);
    assert_eq!((problem(&archive, "none").itype(), problem(&archive, "none").inputs.len()), (None, 0));
}

#[test]
fn a_video_tells_where_its_film_is_how_long_it_is_and_its_languages() {
    let archive = read_vertical(
        r#"<video url_name="new" display_name="New" youtube_id_1_0="abc" edx_video_id="11-22" html5_sources="[&quot;https://x/a.mp4&quot;]"
            start_time="00:00:10" end_time="90.5" sub="" transcripts="{&quot;fr&quot;: &quot;f.srt&quot;}">
            <source src="https://x/a.mp4"/><source src="https://x/b.webm"/>
            <video_asset client_video_id="a.mp4" duration="120.25"><encoded_video profile="mobile_low" url="u"/><transcripts><transcript language_code="en" file_format="srt"/></transcripts></video_asset>
            <transcript language="fr" src="f.srt"/></video>
        <video url_name="old" youtube="0.75:a,1.00:b,1.50:c" sub="s"/>
        <video url_name="unknown" start_time="00:00:00"><video_asset client_video_id="External Video" duration="0.0"/></video>
        <videoalpha url_name="alpha" youtube="1:z"><video_asset duration="-1"/></videoalpha>"#,
    );
    let new = video(&archive, "new");
    assert_eq!(
        (new.youtube_id.as_deref(), new.edx_video_id.as_deref(), new.client_video_id.as_deref()),
        (Some("abc"), Some("11-22"), Some("a.mp4"))
    );
    assert_eq!((new.duration, new.start_time, new.end_time, new.sub.as_deref()), (Some(120.25), Some(10.0), Some(90.5), None));
    assert_eq!(new.html5_sources, ["https://x/a.mp4", "https://x/b.webm"]);
    let transcripts: BTreeMap<String, String> = [("en", ""), ("fr", "f.srt")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    assert_eq!(new.transcripts, transcripts);
    let old = video(&archive, "old");
    assert_eq!(
        (old.youtube_id.as_deref(), old.youtube_ids.len(), old.transcripts.get("en").map(String::as_str)),
        (Some("b"), 3, Some("s"))
    );
    let unknown = video(&archive, "unknown");
    assert_eq!((unknown.duration, unknown.start_time, unknown.youtube_id.as_deref()), (None, None, None));
    assert_eq!((video(&archive, "alpha").youtube_id.as_deref(), video(&archive, "alpha").duration), (Some("z"), None));
}

#[test]
fn a_discussion_tells_its_topic_under_both_names() {
    let archive = read_vertical(
        r#"<discussion url_name="new" discussion_id="t1" discussion_category="Week 1" discussion_target="Sums"/><discussion url_name="old" for="Topic" id="t2"/>"#,
    );
    let told = |url_name: &str| match &block(&archive, url_name).detail {
        Detail::Discussion(discussion) => (discussion.discussion_id.clone().unwrap(), discussion.discussion_target.clone().unwrap()),
        _ => panic!("{url_name} is no discussion"),
    };
    assert_eq!(told("new"), ("t1".to_owned(), "Sums".to_owned()));
    assert_eq!(told("old"), ("t2".to_owned(), "Topic".to_owned()));
}
