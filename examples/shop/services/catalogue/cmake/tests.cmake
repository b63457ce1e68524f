# Tests are optional, so that an image can be built without Catch2 and without their sources.
find_package(Catch2 QUIET)
if(NOT Catch2_FOUND OR NOT IS_DIRECTORY ${CMAKE_SOURCE_DIR}/tests)
  message(STATUS "No tests: Catch2 or the folder tests is not there")
  return()
endif()
enable_testing()
file(GLOB_RECURSE TESTS CONFIGURE_DEPENDS tests/*.cc)
add_executable(unit_tests EXCLUDE_FROM_ALL ${TESTS})
target_include_directories(unit_tests PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(unit_tests PRIVATE parts Catch2::Catch2)
include(Catch)
catch_discover_tests(unit_tests)

# These need the running service, so that ctest does not know them.
file(GLOB_RECURSE INTEGRATION_TESTS CONFIGURE_DEPENDS integration/*.cc)
add_executable(integration_tests EXCLUDE_FROM_ALL ${INTEGRATION_TESTS})
target_include_directories(integration_tests PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(integration_tests PRIVATE parts PkgConfig::HTTPLIB Catch2::Catch2)
