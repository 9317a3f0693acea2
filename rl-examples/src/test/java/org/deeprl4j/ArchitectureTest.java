package org.deeprl4j;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.deeprl4j.algorithms.ppo.Ppo;
import org.deeprl4j.algorithms.sac.Sac;
import org.deeprl4j.distributions.TanhGaussian;
import org.deeprl4j.rollout.Advantages;
import org.deeprl4j.rollout.Rollout;

/** Who may import what, as docs/design.md says it. */
@AnalyzeClasses(packages = "org.deeprl4j", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String LEARNERS_AND_ROOMS = "org.deeprl4j.algorithms..";

  /** Below the learners, from the top down. */
  private static final String[] ROOMS = {
    "org.deeprl4j.algorithms.run..",
    "org.deeprl4j.algorithms.training..",
    "org.deeprl4j.algorithms.learning..",
    "org.deeprl4j.algorithms.configuration.."
  };

  private static final DescribedPredicate<JavaClass> PROGRAM =
      resideInAnyPackage("org.deeprl4j.cli..", "org.deeprl4j.examples..")
          .as("the command line and the examples");

  private static final DescribedPredicate<JavaClass> CORE =
      resideInAPackage("org.deeprl4j..")
          .and(
              not(
                  resideInAnyPackage(
                      LEARNERS_AND_ROOMS,
                      "org.deeprl4j.envs..",
                      "org.deeprl4j.export..",
                      "org.deeprl4j.experiments..",
                      "org.deeprl4j.spark..",
                      "org.deeprl4j.cli..",
                      "org.deeprl4j.examples..")))
          .as("rl-core");

  private static final DescribedPredicate<JavaClass> LEARNERS =
      resideInAPackage("org.deeprl4j.algorithms.*..")
          .and(not(resideInAnyPackage(ROOMS)))
          .as("the learners");

  @ArchTest
  static final ArchRule CORE_KNOWS_NOTHING_ABOVE_IT =
      noClasses()
          .that(CORE)
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.deeprl4j..").and(not(CORE)).as("are above rl-core"));

  @ArchTest
  static final ArchRule ENVIRONMENTS_NEED_NO_TENSORS =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.envs..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.nd4j..", "org.deeplearning4j..", "org.deeprl4j.nn..", LEARNERS_AND_ROOMS)
          .orShould()
          .dependOnClassesThat(PROGRAM);

  @ArchTest
  static final ArchRule ALGORITHMS_KNOW_NO_ENVIRONMENT_AND_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAPackage(LEARNERS_AND_ROOMS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.deeprl4j.envs..")
          .orShould()
          .dependOnClassesThat(PROGRAM);

  @ArchTest
  static final ArchRule EXPERIMENTS_KNOW_NO_ENVIRONMENT_AND_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.experiments..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeprl4j.envs..", "org.deeprl4j.export..")
          .orShould()
          .dependOnClassesThat(PROGRAM);

  @ArchTest
  static final ArchRule ALGORITHMS_KNOW_NO_EXPERIMENTS =
      noClasses()
          .that()
          .resideInAPackage(LEARNERS_AND_ROOMS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.deeprl4j.experiments..");

  @ArchTest
  static final ArchRule STATISTICS_ARE_PURE =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.experiments.statistics..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.deeprl4j..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "org.deeprl4j.experiments.statistics..",
                              "org.deeprl4j.random..",
                              "org.deeprl4j.stats.."))))
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("java.nio.file..");

  /** From the top down; boards and searches do not know each other. */
  @ArchTest
  static final ArchRule ROOMS_OF_EXPERIMENTS_IMPORT_ONLY_LOWER_ONES =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("board")
          .definedBy("org.deeprl4j.experiments.board..")
          .layer("search")
          .definedBy("org.deeprl4j.experiments.search..")
          .layer("study")
          .definedBy("org.deeprl4j.experiments.study..")
          .layer("report")
          .definedBy("org.deeprl4j.experiments.report..")
          .layer("execution")
          .definedBy("org.deeprl4j.experiments.execution..")
          .layer("statistics")
          .definedBy("org.deeprl4j.experiments.statistics..")
          .whereLayer("board")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("search")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("study")
          .mayOnlyBeAccessedByLayers("board", "search")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("board", "search", "study")
          .whereLayer("execution")
          .mayOnlyBeAccessedByLayers("board", "search", "study")
          .whereLayer("statistics")
          .mayOnlyBeAccessedByLayers("search", "report");

  @ArchTest
  static final ArchRule EXPERIMENTS_ARE_IN_ROOMS =
      noClasses().should().resideInAPackage("org.deeprl4j.experiments");

  @ArchTest
  static final ArchRule ROOMS_IMPORT_ONLY_LOWER_ONES =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("registry")
          .definedBy(resideInAPackage("org.deeprl4j.algorithms"))
          .layer("learners")
          .definedBy(LEARNERS)
          .layer("run")
          .definedBy(ROOMS[0])
          .layer("training")
          .definedBy(ROOMS[1])
          .layer("learning")
          .definedBy(ROOMS[2])
          .layer("configuration")
          .definedBy(ROOMS[3])
          .whereLayer("registry")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("learners")
          .mayOnlyBeAccessedByLayers("registry")
          .whereLayer("run")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("training")
          .mayOnlyBeAccessedByLayers("registry", "learners", "run")
          .whereLayer("learning")
          .mayOnlyBeAccessedByLayers("learners", "run", "training")
          .whereLayer("configuration")
          .mayOnlyBeAccessedByLayers("registry", "learners", "run", "training", "learning");

  @ArchTest
  static final ArchRule LEARNERS_DO_NOT_IMPORT_ONE_ANOTHER =
      slices()
          .matching("org.deeprl4j.algorithms.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(alwaysTrue(), not(LEARNERS));

  @ArchTest
  static final ArchRule PACKAGES_FORM_LAYERS =
      slices().matching("org.deeprl4j.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule DL4J_STAYS_BEHIND_THE_NETWORKS =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.deeprl4j.nn..", "org.deeprl4j.examples..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeplearning4j..", "org.bytedeco..", "com.sun.jna..");

  @ArchTest
  static final ArchRule NO_BACKEND_IS_NAMED =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.nd4j.linalg.cpu..", "org.nd4j.linalg.jcublas..");

  @ArchTest
  static final ArchRule MATHEMATICS_DOES_NOT_LOG =
      noClasses()
          .that()
          .resideInAnyPackage(
              "org.deeprl4j.distributions..",
              "org.deeprl4j.optim..",
              "org.deeprl4j.replay..",
              "org.deeprl4j.rollout..",
              "org.deeprl4j.schedule..",
              "org.deeprl4j.stats..")
          .or(LEARNERS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.slf4j..");

  @ArchTest
  static final ArchRule NOTHING_IS_READ_BY_JAVA_SERIALIZATION =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectOutputStream");

  @ArchTest
  static final ArchRule RANDOMNESS_IS_PASSED_IN =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
          .orShould()
          .callMethod(Math.class, "random");

  @ArchTest
  static final ArchRule LEARNERS_ARE_FINAL =
      classes()
          .that(LEARNERS)
          .and()
          .areNotInterfaces()
          .and()
          .areTopLevelClasses()
          .and()
          .haveSimpleNameNotEndingWith("Builder")
          .and()
          .haveSimpleNameNotContaining("package-info")
          .should()
          .haveModifier(JavaModifier.FINAL);

  @ArchTest
  static void learnersFitIntoOneFile(JavaClasses classes) throws IOException {
    Path sources = Path.of("../rl-algorithms/src/main/java");
    for (JavaClass learner : classes.that(LEARNERS)) {
      if (learner.isTopLevelClass() && !learner.getSimpleName().endsWith("Builder")) {
        Path file = sources.resolve(learner.getName().replace('.', '/') + ".java");
        if (Files.exists(file)) {
          int lines = Files.readAllLines(file).size();
          assertTrue(lines <= 300, file + " has " + lines + " lines, more than 300");
        }
      }
    }
  }

  /** SAC and PPO stand for the two large regimes. */
  @ArchTest
  static void learnersAreUnderstoodFromFewFiles(JavaClasses classes) throws IOException {
    understoodFromFewFiles(Sac.class, classes);
    understoodFromFewFiles(Ppo.class, classes);
  }

  /**
   * From a learner's file to the doors: the packages of rl-core and the configuration's machinery,
   * whose contracts say all that a learner needs of them, and the device's form of SAC's update.
   * What holds a learner's own equations is behind no door.
   */
  private static void understoodFromFewFiles(Class<?> learner, JavaClasses classes)
      throws IOException {
    Map<String, Integer> files = new TreeMap<>();
    Deque<JavaClass> toRead = new ArrayDeque<>(List.of(classes.get(learner)));
    while (!toRead.isEmpty()) {
      JavaClass read = toRead.pop();
      Path file = source(read);
      if (isDoor(read) || !Files.exists(file) || files.containsKey(file.toString())) {
        continue;
      }
      files.put(file.toString(), Files.readAllLines(file).size());
      for (JavaClass part : classes) {
        if (source(part).equals(file)) {
          part.getDirectDependenciesFromSelf().stream()
              .map(dependency -> dependency.getTargetClass().getBaseComponentType())
              .filter(target -> target.getPackageName().startsWith("org.deeprl4j"))
              .forEach(toRead::add);
        }
      }
    }
    int lines = files.values().stream().mapToInt(Integer::intValue).sum();
    assertTrue(files.size() <= 15 && lines <= 2000, lines + " lines in " + files);
    assertTrue(files.size() > 10, () -> "the way was lost: " + files);
  }

  private static final Set<String> OWN_EQUATIONS =
      Set.of(TanhGaussian.class.getName(), Rollout.class.getName(), Advantages.class.getName());

  private static boolean isDoor(JavaClass read) {
    if (OWN_EQUATIONS.contains(read.getName())) {
      return false;
    }
    return CORE.test(read)
        || read.getPackageName().equals("org.deeprl4j.algorithms.configuration")
        || read.getSimpleName().equals("SacOnDevice");
  }

  private static Path source(JavaClass read) {
    String top = read.getName().split("\\$")[0].replace('.', '/') + ".java";
    Path inCore = Path.of("../rl-core/src/main/java", top);
    return Files.exists(inCore) ? inCore : Path.of("../rl-algorithms/src/main/java", top);
  }
}
