// The same for many, several at a time: requests wait for the network, not for the processor.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace msctl::kubernetes::deploy {

// As many as an API server takes from one client without making it wait.
inline constexpr std::size_t requests_at_once = 8;

// `work` is called once for each index below `count`, from up to `threads` threads.
template <class Work>
void in_parallel(std::size_t count, std::size_t threads, const Work& work) {
  std::atomic<std::size_t> next{0};
  auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> running;
  for (std::size_t i = 1; i < std::min(threads, count); ++i) running.emplace_back(loop);
  loop();
}

}  // namespace msctl::kubernetes::deploy
