"""Tests that `make test` leaves to `make quality`: one promise held on more music, more ways, or
both databases, where another case of the same promise is in `make test`.

`make test` has fifteen minutes on two cores. Names begin as pytest tells them.
"""

LONG = (
    "tests/apps/studio/listening/test_with_the_server.py::",
    "tests/apps/studio/server/test_durable.py::test_killed_in_the_middle_of_an_upload_a_render_and_"
    "a_delivery[postgresql]",
    "tests/apps/studio/server/test_serve.py::test_ten_listen_at_once",
    "tests/apps/studio/test_killed.py::test_killed_in_the_middle[postgresql",
    "tests/apps/test_album_bad_input.py::test_stopped_at_any_stage_it_goes_on[measure-False-2]",
    "tests/apps/test_album_bad_input.py::test_stopped_at_any_stage_it_goes_on[measure-True-2]",
    "tests/apps/test_album_bad_input.py::test_stopped_at_any_stage_it_goes_on[master-False-2]",
    "tests/apps/test_album_bad_input.py::test_stopped_at_any_stage_it_goes_on[cd-True-2]",
    "tests/album/test_album.py::test_an_interrupted_run_leaves_nothing_half_written_and_goes_on[0.0]",
    "tests/album/test_album.py::test_an_interrupted_run_leaves_nothing_half_written_and_goes_on[9.0]",
    "tests/deliver/test_codec_safe.py::test_loud_music_holds_behind_every_codec[08",
    "tests/engineer/test_match.py::test_what_is_no_music_does_not_bend_the_curve[silence",
    "tests/engineer/test_match.py::test_what_is_no_music_does_not_bend_the_curve[fade",
    "tests/engineer/test_rules_space.py::test_no_fault_is_found_in_good_music",
    "tests/engineer/test_shares.py::test_guesses_rank_ways_as_trials_do",
    "tests/engineer/test_shares.py::test_some_styles_are_not_clipped_while_rules_hold[ambient]",
    "tests/engineer/test_shares.py::test_some_styles_are_not_clipped_while_rules_hold[folk]",
    "tests/engineer/test_shares.py::test_some_styles_are_not_clipped_while_rules_hold[speech]",
    "tests/engineer/test_solve.py::test_asking_for_more_is_never_quieter[noise]",
    "tests/engineer/test_solve.py::test_more_intensity_is_never_quieter[noise]",
    "tests/engineer/test_solve.py::test_an_impossible_loudness_is_stopped_by_a_rule_and_the_result_"
    "passes_all[0.5",
    "tests/engineer/test_solve.py::test_an_impossible_loudness_is_stopped_by_a_rule_and_the_result_"
    "passes_all[0.0",
    "tests/measure/test_hiss.py::test_clean_music_is_no_hiss",
    "tests/measure/test_hum.py::test_clean_music_has_none",
    "tests/measure/test_peers.py::test_true_peak_agrees_with_a_long_filter[0",
    "tests/measure/test_samples.py::test_a_block_that_comes_again_is_found_to_the_sample[1",
    "tests/measure/test_samples.py::test_a_click_is_found_to_the_sample_and_as_long_as_it_is[96000-1]",
    "tests/measure/test_samples.py::test_a_click_is_found_to_the_sample_and_as_long_as_it_is[96000-4]",
    "tests/processors/repair/test_declip.py::test_the_result_fits_what_is_known[1.0]",
    "tests/processors/repair/test_declip.py::test_real_music_comes_back[14",
    "tests/qc/test_music_findings.py::test_clean_music_gets_few_warnings",
    "tests/qc/test_sample_findings.py::test_clean_music_has_no_such_fault",
    "tests/test_compare.py::test_songs_of_the_corpus_are_never_taken_for_each_other",
    "tests/test_learn.py::test_a_master_moves_toward_what_was_learned[style]",
    "tests/test_master.py::test_real_music_becomes_what_was_asked[14",
    "tests/test_stems.py::test_real_stems_are_their_mix_and_their_master_its_master",
)
