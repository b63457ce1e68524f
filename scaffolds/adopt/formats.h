// Files of other tools as one kind of tree, with the places where everything stood: a YAML node. Of XML, an
// element is a map of its children, or its text; children of one name are a list. What is nested deeper than
// a hundred levels, or larger than a few megabytes, is no description of a project.
#pragma once

#include <string>

#include "runtime/base/error.h"
#include "runtime/base/yaml/node.h"

namespace msctl::scaffolds::adopt {

// By the ending of `name`: .json, .toml, .xml, .yaml, .yml. Errors: adoptUnreadable, with line and column.
base::Result<yaml::Node> parse_tree(const std::string& name, const std::string& text);

base::Result<yaml::Node> parse_json(const std::string& name, const std::string& text);
base::Result<yaml::Node> parse_toml(const std::string& name, const std::string& text);
base::Result<yaml::Node> parse_xml(const std::string& name, const std::string& text);
base::Result<yaml::Node> parse_yaml(const std::string& name, const std::string& text);

// The line of the text that holds this byte, counted from 1.
int line_at(std::string_view text, std::size_t offset);

// The first line of `rest`, without its end, which is taken off, too.
std::string_view take_line(std::string_view& rest);

// What the parsers share.
inline constexpr int deepest = 100;
base::Error unreadable(const std::shared_ptr<const yaml::Source>& source, int line, int column,
                       std::string message);
std::unexpected<base::Error> unreadable_at(const std::shared_ptr<const yaml::Source>& source,
                                           std::size_t offset, std::string message);

}  // namespace msctl::scaffolds::adopt
