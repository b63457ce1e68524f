# Run after the release link: fails if PROGRAM loads a shared library besides the C library's own.
execute_process(COMMAND ${READELF} -d ${PROGRAM} OUTPUT_VARIABLE DYNAMIC COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "Shared library: \\[[^]]*" NEEDED "${DYNAMIC}")
list(FILTER NEEDED EXCLUDE REGEX "\\[(libc\\.so\\.|libm\\.so\\.|ld-linux)")
if(NEEDED)
  message(FATAL_ERROR "${PROGRAM} must be linked statically but for libc and libm: ${NEEDED}")
endif()
