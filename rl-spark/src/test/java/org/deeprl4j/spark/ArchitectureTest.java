package org.deeprl4j.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.launcher.JavaModuleOptions;

/** What the module may know, and what of it Spark may see. */
@AnalyzeClasses(packages = "org.deeprl4j", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule SPARK_STAYS_HERE =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.deeprl4j.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..", "org.deeprl4j.spark..");

  @ArchTest
  static final ArchRule NO_ENVIRONMENT_IS_KNOWN =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeprl4j.envs..", "org.deeprl4j.cli..", "org.nd4j..");

  @ArchTest
  static final ArchRule ONE_CLASS_IS_PUBLIC =
      classes()
          .that()
          .resideInAPackage("org.deeprl4j.spark..")
          .and()
          .arePublic()
          .should()
          .be(SparkProvider.class);

  /** What Spark serializes is two classes that refer to bytes. */
  @ArchTest
  static void tasksAloneAreSerialized(JavaClasses all) {
    List<JavaClass> serializable =
        all.stream()
            .filter(one -> one.getPackageName().equals("org.deeprl4j.spark"))
            .filter(one -> one.isAssignableTo(Serializable.class))
            .toList();
    assertEquals(
        Set.of("RunOnExecutor", "RolloutOnExecutor"),
        serializable.stream().map(JavaClass::getSimpleName).collect(Collectors.toSet()));
    for (JavaClass task : serializable) {
      assertEquals(
          Set.of("org.apache.spark.broadcast.Broadcast", "long"),
          task.getFields().stream()
              .map(field -> field.getRawType().getName())
              .collect(Collectors.toSet()));
    }
  }

  /** Programs that run Spark outside of its own scripts need its options for Java. */
  @ArchTest
  static void theOptionsForJava_areSparks(JavaClasses all) throws IOException {
    assertEquals(
        Arrays.asList(JavaModuleOptions.defaultModuleOptionArray()),
        Files.readAllLines(Path.of("java-options")));
  }
}
