# `cmake --build build --target lint`: the formatter's and the linter's findings, both as failures.
find_program(CLANG_FORMAT NAMES clang-format clang-format-19 clang-format-14)
find_program(CLANG_TIDY NAMES clang-tidy clang-tidy-19 clang-tidy-14)
file(GLOB_RECURSE LINTED CONFIGURE_DEPENDS src/*.cc src/*.h tests/*.cc tests/*.h integration/*.cc integration/*.h)
set(TRANSLATION_UNITS ${LINTED})
list(FILTER TRANSLATION_UNITS INCLUDE REGEX "src/.*[.]cc$")
if(CLANG_FORMAT AND CLANG_TIDY)
  add_custom_target(lint
    COMMAND ${CLANG_FORMAT} --dry-run --Werror ${LINTED}
    COMMAND ${CLANG_TIDY} --quiet -p ${CMAKE_BINARY_DIR} ${TRANSLATION_UNITS}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} VERBATIM)
else()
  add_custom_target(lint
    COMMAND ${CMAKE_COMMAND} -E echo "lint needs clang-format and clang-tidy (apt-get install clang-format clang-tidy)"
    COMMAND ${CMAKE_COMMAND} -E false VERBATIM)
endif()
