# Collects scaffolds/languages/**, and the languages of one folder more, for the binary: a list in C++ (files.inc) and an
# assembly file that includes the bytes.
#
#   cmake -D LANGUAGES=<folder> [-D MORE=<folder>] -D OUT=<folder> -P embed.cmake
#
# Runs at every build (some 30 ms) and writes its two files only when they would change, so that a new, changed or removed
# template file rebuilds exactly what depends on it: the assembly file names each file's digest. What git ignores is left
# out, and so are the artefacts that each language.yaml names (a release archive has no git to ask).
cmake_minimum_required(VERSION 3.25)
set(SKIPPED __pycache__ .venv .pytest_cache .ruff_cache .mypy_cache node_modules)

# Appends what stands in one folder of languages.
function(embed LANGUAGES)
  # Every regular file with its mode: "644 go/template/go.mod".
  execute_process(COMMAND find . -type f -printf "%m %P\n" WORKING_DIRECTORY ${LANGUAGES} OUTPUT_VARIABLE FOUND COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX REPLACE "[][;]" "_" CHECKED "${FOUND}")
  if(NOT CHECKED STREQUAL FOUND)
    message(FATAL_ERROR "scaffolds: a file name with ';', '[' or ']' cannot be embedded")
  endif()
  string(REPLACE "\n" ";" FOUND "${FOUND}")

  execute_process(
    COMMAND git -c safe.directory=* -c core.quotePath=false ls-files --cached --others --exclude-standard .
    WORKING_DIRECTORY ${LANGUAGES} OUTPUT_VARIABLE TRACKED RESULT_VARIABLE GIT_STATUS ERROR_QUIET)
  if(GIT_STATUS EQUAL 0 AND TRACKED)
    set(WITH_GIT TRUE)
    set(TRACKED "\n${TRACKED}")
  endif()

  file(GLOB DESCRIPTIONS ${LANGUAGES}/*/language.yaml)
  foreach(DESCRIPTION IN LISTS DESCRIPTIONS)
    get_filename_component(FOLDER ${DESCRIPTION} DIRECTORY)
    get_filename_component(NAME ${FOLDER} NAME)
    file(STRINGS ${DESCRIPTION} LINE REGEX "^artefacts: *[[]")
    string(REGEX MATCHALL "[A-Za-z0-9_.-]+" ARTEFACTS "${LINE}")
    set(ARTEFACTS_${NAME} ${ARTEFACTS})
  endforeach()

  list(SORT FOUND)
  foreach(ENTRY IN LISTS FOUND)
    if(NOT ENTRY MATCHES "^([0-7]+) ([^/]+)/(.+)$")
      continue()
    endif()
    set(MODE ${CMAKE_MATCH_1})
    set(LANGUAGE ${CMAKE_MATCH_2})
    set(INNER ${CMAKE_MATCH_3})
    set(PATH "${LANGUAGE}/${INNER}")
    if(WITH_GIT)
      string(FIND "${TRACKED}" "\n${PATH}\n" AT)
      if(AT EQUAL -1)
        continue()
      endif()
    endif()
    string(REPLACE "/" ";" SEGMENTS "${INNER}")
    set(SKIP FALSE)
    foreach(SEGMENT IN LISTS SEGMENTS)
      if(SEGMENT IN_LIST SKIPPED OR (NOT WITH_GIT AND SEGMENT IN_LIST ARTEFACTS_${LANGUAGE}))
        set(SKIP TRUE)
      endif()
    endforeach()
    if(SKIP OR NOT EXISTS ${LANGUAGES}/${LANGUAGE}/language.yaml)
      continue()
    endif()
    file(SIZE ${LANGUAGES}/${PATH} SIZE)
    file(SHA256 ${LANGUAGES}/${PATH} DIGEST)
    string(APPEND ASSEMBLY "# ${DIGEST}\n.incbin \"${LANGUAGES}/${PATH}\"\n")
    if(MODE MATCHES "^[1357]")
      set(EXECUTABLE true)
    else()
      set(EXECUTABLE false)
    endif()
    string(APPEND INDEX "SCAFFOLD_FILE(\"${LANGUAGE}\", \"${INNER}\", ${EXECUTABLE}, ${OFFSET}, ${SIZE})\n")
    math(EXPR OFFSET "${OFFSET} + ${SIZE}")
  endforeach()
  foreach(NAME IN ITEMS INDEX ASSEMBLY OFFSET)
    set(${NAME} "${${NAME}}" PARENT_SCOPE)
  endforeach()
endfunction()

set(INDEX "")
set(ASSEMBLY ".section .rodata\n.global msctl_scaffold_bytes\n.hidden msctl_scaffold_bytes\nmsctl_scaffold_bytes:\n")
set(OFFSET 0)
foreach(FOLDER_OF_LANGUAGES IN ITEMS ${LANGUAGES} ${MORE})
  embed(${FOLDER_OF_LANGUAGES})
endforeach()
string(APPEND ASSEMBLY ".byte 0\n.section .note.GNU-stack,\"\",%progbits\n")

file(CONFIGURE OUTPUT ${OUT}/files.inc CONTENT "${INDEX}" @ONLY)
file(CONFIGURE OUTPUT ${OUT}/bytes.S CONTENT "${ASSEMBLY}" @ONLY)
