// What most files include, read once for all of them: the build puts it before each file
// (cmake/msctl.cmake). A file still includes what it uses itself; the release build, without this
// header, fails where one does not.
//
// The templates below are compiled once, in instances.cc: without optimisation and under the sanitizers, each
// file would otherwise carry its own copy of nlohmann's JSON and of std::string (of which libstdc++ 12
// declares no instance for C++20 and later), which was half of the time to build.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <expected>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#ifndef MSCTL_INSTANCE
#define MSCTL_INSTANCE extern template
#endif

MSCTL_INSTANCE class std::basic_string<char>;
MSCTL_INSTANCE class std::basic_string_view<char>;
MSCTL_INSTANCE class std::vector<std::string>;
MSCTL_INSTANCE class std::vector<std::string_view>;
MSCTL_INSTANCE class std::vector<char>;
MSCTL_INSTANCE class std::vector<bool>;
MSCTL_INSTANCE class std::map<std::string, std::string>;
MSCTL_INSTANCE class std::map<std::string, std::string, std::less<>>;
MSCTL_INSTANCE class std::set<std::string>;
MSCTL_INSTANCE class std::set<std::string, std::less<>>;
MSCTL_INSTANCE class std::function<void()>;

namespace msctl::precompiled {
using Text = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using View = nlohmann::detail::iterator_input_adapter<std::string_view::const_iterator>;
}  // namespace msctl::precompiled

// One of the two JSON types, with what it is made of and read by.
#define MSCTL_JSON(Json)                                                                                 \
  MSCTL_INSTANCE class nlohmann::detail::iteration_proxy_value<nlohmann::detail::iter_impl<Json>>;       \
  MSCTL_INSTANCE class nlohmann::detail::iteration_proxy_value<nlohmann::detail::iter_impl<const Json>>; \
  MSCTL_INSTANCE class nlohmann::detail::serializer<Json>;                                               \
  MSCTL_INSTANCE class nlohmann::detail::json_ref<Json>;                                                 \
  MSCTL_INSTANCE class nlohmann::detail::json_sax_dom_parser<Json>;                                      \
  MSCTL_INSTANCE class nlohmann::detail::json_sax_dom_callback_parser<Json>;                             \
  MSCTL_INSTANCE class nlohmann::detail::parser<Json, msctl::precompiled::Text>;                         \
  MSCTL_INSTANCE class nlohmann::detail::parser<Json, msctl::precompiled::View>;                         \
  MSCTL_INSTANCE class nlohmann::detail::lexer<Json, msctl::precompiled::Text>;                          \
  MSCTL_INSTANCE class nlohmann::detail::lexer<Json, msctl::precompiled::View>;                          \
  MSCTL_INSTANCE class std::vector<Json>;

MSCTL_INSTANCE class nlohmann::basic_json<>;
MSCTL_INSTANCE class nlohmann::basic_json<nlohmann::ordered_map>;
MSCTL_JSON(nlohmann::json)
MSCTL_JSON(nlohmann::ordered_json)
MSCTL_INSTANCE class std::map<std::string, nlohmann::json, std::less<>>;
MSCTL_INSTANCE struct nlohmann::ordered_map<std::string, nlohmann::ordered_json>;
MSCTL_INSTANCE class nlohmann::json_pointer<std::string>;

#undef MSCTL_JSON
#undef MSCTL_INSTANCE
