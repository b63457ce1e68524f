#include "gateway/router/tree.h"

#include <algorithm>

namespace msctl::gateway::router {

std::uint64_t specificity(const path::Pattern& pattern) {
  constexpr std::size_t mask_bits = 48;
  std::uint64_t kind = pattern.prefix ? 0 : pattern.has_parameters() ? 1 : 2;
  std::uint64_t literals = 0;
  for (std::size_t i = 0; i < std::min(pattern.segments.size(), mask_bits); ++i)
    if (!pattern.segments[i].parameter) literals |= std::uint64_t{1} << (mask_bits - 1 - i);
  std::uint64_t depth = std::min<std::uint64_t>(pattern.segments.size(), 255);
  return (kind << 60) | (depth << mask_bits) | literals;
}

// Cuts a node's label; what it held moves to a child with the rest.
void Tree::split(Node& node, std::size_t at) {
  auto rest = std::make_unique<Node>(std::move(node));
  node = Node{};
  node.label = rest->label.substr(0, at);
  rest->label.erase(0, at);
  node.best = rest->best;
  node.firsts = rest->label.substr(0, 1);
  node.children.push_back(std::move(rest));
}

// The node that `text` leads to from here, made if need be.
Tree::Node& Tree::descend(Node& node, std::string_view text, std::uint64_t rank) {
  node.best = std::max(node.best, rank);
  if (text.empty()) return node;
  std::size_t child = node.firsts.find(text[0]);
  if (child == std::string::npos) {
    node.firsts += text[0];
    node.children.push_back(std::make_unique<Node>());
    node.children.back()->label = std::string(text);
    node.children.back()->best = rank;
    return *node.children.back();
  }
  Node& next = *node.children[child];
  auto [end, ignored] = std::ranges::mismatch(next.label, text);
  auto common = static_cast<std::size_t>(end - next.label.begin());
  if (common < next.label.size()) split(next, common);
  return descend(next, text.substr(common), rank);
}

Leaf& Tree::insert(const path::Pattern& pattern) {
  std::uint64_t rank = specificity(pattern);
  Node* node = &root_;
  std::string literal;
  for (const path::Segment& segment : pattern.segments) {
    literal += '/';
    if (!segment.parameter) {
      literal += segment.text;
      continue;
    }
    node = &descend(*node, literal, rank);
    literal.clear();
    if (!node->parameter) node->parameter = std::make_unique<Node>();
    node = node->parameter.get();
  }
  node = &descend(*node, literal, rank);
  std::unique_ptr<Leaf>& leaf = pattern.prefix ? node->prefix : node->end;
  if (!leaf) leaf = std::make_unique<Leaf>();
  leaf->rank = rank;
  return *leaf;
}

void Tree::find_in(const Node& node, std::string_view rest, std::uint64_t below, const Leaf*& best) {
  if (best && best->rank >= node.best) return;
  auto consider = [&](const Leaf* leaf) {
    if (leaf && leaf->rank < below && (!best || leaf->rank > best->rank)) best = leaf;
  };
  if (rest.empty()) {
    consider(node.end.get());
    consider(node.prefix.get());
    return;
  }
  if (std::size_t child = node.firsts.find(rest[0]); child != std::string::npos) {
    const Node& next = *node.children[child];
    if (rest.starts_with(next.label)) find_in(next, rest.substr(next.label.size()), below, best);
  }
  if (rest[0] == '/')
    consider(node.prefix.get());
  else if (node.parameter)
    find_in(*node.parameter, rest.substr(std::min(rest.find('/'), rest.size())), below, best);
}

const Leaf* Tree::find(std::string_view path, std::uint64_t below) const {
  const Leaf* best = nullptr;
  find_in(root_, path, below, best);
  return best;
}

}  // namespace msctl::gateway::router
