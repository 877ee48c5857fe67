# One library target per folder: purvey_module(base SOURCES ... HEADERS ... DEPS event store LIBS fmt::fmt).
#
# NAME becomes the target purvey_NAME; DEPS names other modules (the floors of docs/ARCHITECTURE.md, checked by
# tools/tidy.py against every #include); LIBS names outside libraries. Tests are sources ending in _test.cc, given
# as TESTS; they become one program NAME_test, known to ctest case by case.
function(purvey_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEADERS;TESTS;DEPS;LIBS;TEST_LIBS" ${ARGN})
  string(REPLACE "/" "_" id "${name}")
  set(target purvey_${id})
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope} ${PROJECT_SOURCE_DIR}/src)
  foreach(dep IN LISTS ARG_DEPS)
    string(REPLACE "/" "_" dep_id "${dep}")
    target_link_libraries(${target} ${scope} purvey_${dep_id})
  endforeach()
  target_link_libraries(${target} ${scope} ${ARG_LIBS} purvey_flags)
  if(ARG_TESTS AND PURVEY_TESTS)
    purvey_test(${id}_test SOURCES ${ARG_TESTS} LIBS ${target} ${ARG_TEST_LIBS})
  endif()
endfunction()

# One GoogleTest program; every case is its own ctest entry. PURVEY_SOURCE_DIR and PURVEY_PROGRAM are given to the tests.
function(purvey_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gtest GTest::gtest_main purvey_flags)
  target_compile_definitions(${name} PRIVATE PURVEY_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600
    ENVIRONMENT "PURVEY_PROGRAM=${CMAKE_BINARY_DIR}/purvey")
endfunction()

# One benchmark: purvey_bench(replay SOURCES replay_bench.cc LIBS purvey_flow) becomes build/bench_replay, which
# `./dev bench replay` runs. It prints its figure beside a baseline taken in the same run.
function(purvey_bench name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(bench_${name} ${ARG_SOURCES})
  target_include_directories(bench_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(bench_${name} PRIVATE ${ARG_LIBS} purvey_flags)
endfunction()

# One fuzz target: purvey_fuzz(csv SOURCES csv_fuzz.cc LIBS purvey_event_csv) becomes build/fuzz/fuzz_csv (preset
# fuzz, clang), which `./dev fuzz csv` runs. Seeds and old findings lie in fuzz/corpus/csv/; in the other presets a
# test runs the target over them.
function(purvey_fuzz name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBS" ${ARGN})
  add_executable(fuzz_${name} ${ARG_SOURCES})
  target_link_libraries(fuzz_${name} PRIVATE ${ARG_LIBS} purvey_flags)
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  if(PURVEY_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/fuzz/replay_main.cc)
    target_link_libraries(fuzz_${name} PRIVATE fmt::fmt)
    add_test(NAME fuzz_corpus.${name} COMMAND fuzz_${name} ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
endfunction()
