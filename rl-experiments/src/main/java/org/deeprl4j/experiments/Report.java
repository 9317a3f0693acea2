package org.deeprl4j.experiments;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.deeprl4j.state.JsonFiles;
import org.deeprl4j.state.WholeFile;

/** Writes a summary as files. */
public final class Report {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  private Report() {}

  /** The tables of a summary as Markdown. */
  public static String markdown(String title, Summary summary, List<Group> groups) {
    return "# %s\n\n%s\n\n%s"
        .formatted(
            title,
            Tables.note(),
            Tables.of(summary, groups).stream()
                .map(Table::toMarkdown)
                .collect(Collectors.joining("\n")));
  }

  /**
   * Writes {@code summary.json} and {@code summary.md} into a directory.
   *
   * @param title of the report
   */
  public static void write(Path directory, String title, Summary summary, List<Group> groups)
      throws IOException {
    JsonFiles.write(directory.resolve("summary.json"), JSON.valueToTree(summary));
    WholeFile.write(
        directory.resolve("summary.md"),
        markdown(title, summary, groups).getBytes(StandardCharsets.UTF_8));
  }
}
