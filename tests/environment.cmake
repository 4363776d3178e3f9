# SPDX-License-Identifier: BSD-3-Clause
# bs_test_environment(): give every test of the calling folder the environment
# it needs under mpirun and under this build's sanitizer. What a test asks for
# itself stays.
function(bs_test_environment)
  set(here ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
  # Tests may run as root in a container, and with more ranks than cores, where
  # ranks that spin while they wait would starve the others.
  set(environment OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
                  OMPI_MCA_mpi_yield_when_idle=1)
  if(BS_SANITIZE MATCHES "address")
    list(APPEND environment
      "LSAN_OPTIONS=suppressions=${here}/sanitize/lsan.supp:print_suppressions=0"
      "UBSAN_OPTIONS=print_stacktrace=1")
  endif()
  if(BS_SANITIZE MATCHES "thread")
    list(APPEND environment "TSAN_OPTIONS=ignore_noninstrumented_modules=1")
    # Archer tells the sanitizer what OpenMP's barriers and locks order.
    find_library(BS_ARCHER archer PATHS /usr/lib/llvm-14/lib)
    if(BS_ARCHER)
      list(APPEND environment "OMP_TOOL_LIBRARIES=${BS_ARCHER}")
    endif()
  endif()
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test IN LISTS tests)
    get_test_property(${test} ENVIRONMENT own)
    set(both ${environment})
    if(own)
      list(APPEND both ${own})
    endif()
    set_tests_properties(${test} PROPERTIES ENVIRONMENT "${both}")
  endforeach()
endfunction()
