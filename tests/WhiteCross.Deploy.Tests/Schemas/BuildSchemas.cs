using WhiteCross.Deploy.Tests.Yaml;
using static WhiteCross.Deploy.Tests.Yaml.Shape;

namespace WhiteCross.Deploy.Tests.Schemas;

/// <summary>Kustomizations, workflows of GitHub Actions, and what else builds and judges the repository.</summary>
internal static class BuildSchemas
{
    private static readonly Shape Target = Fields(("group", Text), ("version", Text), ("kind", Text), ("name", Text), ("namespace", Text), ("labelSelector", Text));
    private static readonly Shape Step = Fields(
        ("name", Text), ("id", Text), ("if", Text), ("uses", Matching("[^@]+@.+", "an action with a version")), ("with", Map(OneValue)), ("run", Text), ("env", Map(OneValue)),
        ("working-directory", Text), ("shell", Text), ("timeout-minutes", Whole));

    private static readonly Shape Globs = Map(Fields(("patterns!", Texts)));
    private static readonly Shape Permissions = Map(OneOf("read", "write", "none"));

    public static readonly Shape Kustomization = Fields(
        ("apiVersion!", OneOf("kustomize.config.k8s.io/v1beta1", "kustomize.config.k8s.io/v1alpha1")),
        ("kind!", OneOf("Kustomization", "Component")),
        ("components", Texts),
        ("namespace", Text),
        ("labels", List(Fields(("pairs!", Map(Text)), ("includeSelectors", Flag), ("includeTemplates", Flag)))),
        ("resources", Texts),
        ("images", List(Fields(("name!", Text), ("newName", Text), ("newTag", Text), ("digest", Text)))),
        ("configMapGenerator", List(Fields(("name!", Text), ("behavior", OneOf("create", "merge", "replace")), ("literals", List(Matching("[A-Za-z_][A-Za-z0-9_]*=.*", "NAME=value"))), ("files", Texts)))),
        ("patches", List(Fields(("path", Text), ("patch", Text), ("target", Target)))));

    public static readonly Shape Workflow = Fields(
        ("name!", Text),
        ("on!", Fields(
            ("push", Fields(("branches", Texts), ("tags", Texts))),
            ("pull_request", Any),
            ("workflow_dispatch", Any),
            ("workflow_call", Any),
            ("schedule", List(Fields(("cron!", Text)))))),
        ("permissions!", Permissions),
        ("concurrency", Fields(("group!", Text), ("cancel-in-progress", OneValue))),
        ("env", Map(OneValue)),
        ("jobs!", Map(Fields(
            ("name", Text),
            ("runs-on", Text),
            ("uses", Text),
            ("environment", Text),
            ("needs", Either(Any, Any)),
            ("if", Text),
            ("permissions", Permissions),
            ("timeout-minutes", Whole),
            ("strategy", Fields(("fail-fast", Flag), ("matrix!", Any))),
            ("services", Map(Fields(("image!", Text), ("ports", Texts), ("options", Text), ("env", Map(OneValue))))),
            ("env", Map(OneValue)),
            ("steps", List(Step))))));

    public static readonly Shape Redocly = Fields(("extends!", Texts), ("rules", Map(OneOf("off", "warn", "error"))));

    public static readonly Shape Dependabot = Fields(
        ("version!", OneOf("2")),
        ("updates!", List(Fields(
            ("package-ecosystem!", OneOf("nuget", "dotnet-sdk", "github-actions", "docker", "npm")),
            ("directory!", Matching("/.*", "a path from the repository's root")),
            ("schedule!", Fields(("interval!", OneOf("daily", "weekly", "monthly")), ("day", Text))),
            ("open-pull-requests-limit", Whole),
            ("groups", Globs)))));
}
