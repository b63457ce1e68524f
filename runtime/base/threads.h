// Independent pieces of work on several threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace msctl::base {

// As many threads as there are processors, but none for fewer than `a_thread` pieces: below that it costs
// more than it saves. At least 1.
inline std::size_t threads_for(std::size_t count, std::size_t a_thread) {
  const std::size_t processors = std::max(1u, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(count / a_thread, 1, processors);
}

// Calls `work(thread, i)` once with each `i` below `count`; `thread` is below `threads`, and no two calls at
// the same time have the same. Returns when all are done.
template <class Work>
void on_threads(std::size_t threads, std::size_t count, const Work& work) {
  std::atomic<std::size_t> next = 0;
  auto take = [&](std::size_t thread) {
    for (std::size_t i; (i = next.fetch_add(1)) < count;) work(thread, i);
  };
  std::vector<std::jthread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) others.emplace_back(take, thread);
  take(0);
}

}  // namespace msctl::base
