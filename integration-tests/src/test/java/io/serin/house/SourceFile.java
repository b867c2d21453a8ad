package io.serin.house;

import static java.util.stream.Collectors.toCollection;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One main source file, read as text.
 *
 * @param module the folder of its module
 * @param name the file's path below the project's root
 * @param packageName the package that it declares
 * @param imports everything that it imports, and every type of Serin that it names in full
 * @param lines its length
 */
record SourceFile(String module, String name, String packageName, Set<String> imports, int lines) {

  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
  private static final Pattern IMPORT =
      Pattern.compile("^import (?:static )?([\\w.]+?)(?:\\.\\*)?;", Pattern.MULTILINE);
  private static final Pattern FULL_NAME = Pattern.compile("io\\.serin(?:\\.[a-z]\\w*)+\\.[A-Z]");
  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);
  private static final Pattern STRING = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"");
  private static final Pattern PACKAGE_PART = Pattern.compile("^([a-z]\\w*(?:\\.[a-z]\\w*)*)");

  /** All main sources of all modules below the project's root. */
  static List<SourceFile> all() {
    Path root = root();
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .filter(module -> Files.isDirectory(module.resolve("src/main/java")))
          .sorted()
          .flatMap(module -> below(root, module))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Stream<SourceFile> below(Path root, Path module) {
    try (Stream<Path> files = Files.walk(module.resolve("src/main/java"))) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream()
          .map(file -> read(root, module, file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SourceFile read(Path root, Path module, Path file) {
    try {
      String text = Files.readString(file);
      Matcher declared = PACKAGE.matcher(text);
      if (!declared.find()) {
        throw new IllegalStateException(file + " declares no package");
      }
      String code = STRING.matcher(COMMENT.matcher(text).replaceAll("")).replaceAll("\"\"");
      Set<String> imports =
          Stream.concat(
                  IMPORT.matcher(code).results().map(found -> found.group(1)),
                  FULL_NAME.matcher(code).results().map(found -> found.group()))
              .collect(toCollection(TreeSet::new));
      return new SourceFile(
          module.getFileName().toString(),
          root.relativize(file).toString(),
          declared.group(1),
          imports,
          (int) text.lines().count());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Its name without folders. */
  String simpleName() {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** The packages of Serin that this file uses, its own left out. */
  Set<String> packagesUsed() {
    Set<String> used = new TreeSet<>();
    for (String imported : imports) {
      Matcher part = PACKAGE_PART.matcher(imported);
      if (imported.startsWith("io.serin.") && part.find() && !part.group(1).equals(packageName)) {
        used.add(part.group(1));
      }
    }
    return used;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docker-compose.yml"))) {
      folder = folder.getParent();
      if (folder == null) {
        throw new IllegalStateException("run below the project's root");
      }
    }
    return folder;
  }
}
