# msctl_library(NAME LINK libs…): the static library of the folder that calls it, from its own sources (not its subfolders').
# The link line is the list of folders that may be included from there: nothing else is on the include path's side of the bargain.
function(msctl_library NAME)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  endif()
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_include_directories(${NAME} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${NAME} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
  msctl_precompiled(${NAME} precompiled)
endfunction()

# msctl_precompiled(NAME HEADERS): NAME begins each file with the precompiled headers of the target HEADERS.
function(msctl_precompiled NAME HEADERS)
  if(MSCTL_PRECOMPILED)
    target_precompile_headers(${NAME} REUSE_FROM ${HEADERS})
    target_link_libraries(${NAME} PUBLIC ${HEADERS})
  endif()
endfunction()

# msctl_test(NAME LINK libs…): one test program from the sources of the calling folder under tests/unit.
function(msctl_test NAME)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  add_executable(${NAME} ${SOURCES})
  target_link_libraries(${NAME} PRIVATE ${ARG_LINK} catch_main)
  msctl_precompiled(${NAME} precompiled_tests)
  add_test(NAME ${NAME} COMMAND ${NAME} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
