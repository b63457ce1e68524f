// A compressed radix tree of path patterns: an edge is a run of literal bytes, or one parameter, which takes
// a whole segment.
//
// Specificity is one number for a pattern, made when it is inserted: the class (exact, parameters, prefix),
// then the number of segments (so the longest prefix), then which segments are literal, the leftmost counting
// most. Two different patterns that match one path never have the same number. A lookup walks all branches
// that match and keeps the highest below a bound, so that asking again with the last answer's number gives
// the next best. Branches that hold nothing better are left out.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/path/pattern.h"

namespace msctl::gateway::router {

std::uint64_t specificity(const path::Pattern& pattern);

// The routes of one pattern, by what decides among them (see Table).
struct Leaf {
  std::uint64_t rank = 0;
  std::vector<std::uint32_t> routes;
};

class Tree {
public:
  Leaf& insert(const path::Pattern& pattern);

  static constexpr std::uint64_t any_rank = ~std::uint64_t{0};
  // The most specific match of a normalised path with a rank under `below`.
  const Leaf* find(std::string_view path, std::uint64_t below = any_rank) const;

private:
  struct Node {
    std::string label;                            // the bytes that lead here
    std::string firsts;                           // the first byte of each child's label
    std::vector<std::unique_ptr<Node>> children;  // in that order
    std::unique_ptr<Node> parameter;              // behind one segment
    std::unique_ptr<Leaf> end;                    // patterns that end here
    std::unique_ptr<Leaf> prefix;                 // patterns that end here with "/**"
    std::uint64_t best = 0;                       // the highest rank here and below
  };
  static Node& descend(Node& node, std::string_view text, std::uint64_t rank);
  static void find_in(const Node& node, std::string_view rest, std::uint64_t below, const Leaf*& best);
  static void split(Node& node, std::size_t at);

  Node root_;
};

}  // namespace msctl::gateway::router
