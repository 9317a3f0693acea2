package org.deeprl4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may import what, as docs/design.md says it. */
@AnalyzeClasses(packages = "org.deeprl4j", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
  private static final String[] CORE = {
    "org.deeprl4j.distributions..",
    "org.deeprl4j.mdp..",
    "org.deeprl4j.nn..",
    "org.deeprl4j.optim..",
    "org.deeprl4j.policy..",
    "org.deeprl4j.random..",
    "org.deeprl4j.replay..",
    "org.deeprl4j.rollout..",
    "org.deeprl4j.schedule..",
    "org.deeprl4j.space..",
    "org.deeprl4j.state..",
    "org.deeprl4j.stats.."
  };

  private static final String[] ALGORITHMS = {
    "org.deeprl4j.a2c..",
    "org.deeprl4j.a3c..",
    "org.deeprl4j.reinforce..",
    "org.deeprl4j.asyncq..",
    "org.deeprl4j.trpo..",
    "org.deeprl4j.ddpg..",
    "org.deeprl4j.dqn..",
    "org.deeprl4j.ppo..",
    "org.deeprl4j.sac..",
    "org.deeprl4j.td3.."
  };

  @ArchTest
  static final ArchRule CORE_KNOWS_NOTHING_ABOVE_IT =
      noClasses()
          .that()
          .resideInAnyPackage(CORE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.deeprl4j.envs..",
              "org.deeprl4j.training..",
              "org.deeprl4j.cli..",
              "org.deeprl4j.examples..")
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage(ALGORITHMS);

  @ArchTest
  static final ArchRule ENVIRONMENTS_NEED_NO_TENSORS =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.envs..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.nd4j..",
              "org.deeplearning4j..",
              "org.deeprl4j.nn..",
              "org.deeprl4j.training..",
              "org.deeprl4j.cli..");

  @ArchTest
  static final ArchRule ALGORITHMS_KNOW_NO_ENVIRONMENT_AND_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAnyPackage(ALGORITHMS)
          .or()
          .resideInAPackage("org.deeprl4j.training..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.deeprl4j.envs..", "org.deeprl4j.cli..", "org.deeprl4j.examples..");

  @ArchTest
  static final ArchRule THE_DRIVERS_KNOW_NO_ALGORITHM =
      noClasses()
          .that()
          .resideInAPackage("org.deeprl4j.training..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(ALGORITHMS);

  @ArchTest
  static final ArchRule ALGORITHMS_DO_NOT_IMPORT_ONE_ANOTHER =
      slices()
          .matching("org.deeprl4j.(reinforce|a2c|a3c|asyncq|trpo|ddpg|dqn|ppo|sac|td3)..")
          .should()
          .notDependOnEachOther()
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule CORE_PACKAGES_FORM_LAYERS =
      slices().matching("org.deeprl4j.(*)..").should().beFreeOfCycles();

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
          .or()
          .resideInAnyPackage(ALGORITHMS)
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
          .that()
          .resideInAnyPackage(ALGORITHMS)
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
}
