package org.deeprl4j.experiments.report;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.StringEscapeUtils;

/**
 * A table of texts.
 *
 * @param title its heading
 * @param header a name for each column; columns after the first one are numbers, if right aligned
 * @param rows of the header's length
 */
public record Table(String title, List<String> header, List<List<String>> rows) {

  String toMarkdown() {
    String rule = "|---" + "|---:".repeat(header.size() - 1) + "|";
    return "### %s\n\n%s\n%s\n%s\n"
        .formatted(
            title,
            line(header),
            rule,
            rows.stream().map(Table::line).collect(Collectors.joining("\n")));
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> cell.replace("|", "\\|").replaceAll("\\s+", " "))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  String toHtml() {
    return "<h2>%s</h2>\n<table>\n%s\n%s\n</table>\n"
        .formatted(
            StringEscapeUtils.escapeHtml4(title),
            row(header, "th"),
            rows.stream().map(row -> row(row, "td")).collect(Collectors.joining("\n")));
  }

  private static String row(List<String> cells, String tag) {
    return Stream.concat(Stream.of("<tr>"), cells.stream().map(cell -> cell(cell, tag)))
            .collect(Collectors.joining())
        + "</tr>";
  }

  private static String cell(String text, String tag) {
    return "<%s>%s</%s>".formatted(tag, StringEscapeUtils.escapeHtml4(text), tag);
  }
}
