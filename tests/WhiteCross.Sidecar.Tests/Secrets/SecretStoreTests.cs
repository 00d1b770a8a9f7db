using WhiteCross.Sidecar.Secrets;
using WhiteCross.Sidecar.Tests.Resources;

namespace WhiteCross.Sidecar.Tests.Secrets;

public sealed class SecretStoreTests : IDisposable
{
    private readonly ResourceFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_flattened_and_each_value_is_a_secret()
    {
        var store = FromFile("""{ "a": "1", "b": { "c": "2", "d": [ "3", { "e": "4" } ] } }""");
        Assert.Equal(["a", "b:c", "b:d:0", "b:d:1:e"], store.GetAll().Keys);
        Assert.Equal(KeyValuePair.Create("b:d:1:e", "4"), Assert.Single(store.Get("b:d:1:e")!));
        Assert.Null(store.Get("b"));
    }

    [Fact]
    public void The_separator_can_be_set()
    {
        Assert.Equal("2", FromFile("""{ "b": { "c": "2" } }""", "- { name: nestedSeparator, value: \".\" }").Get("b.c")!["b.c"]);
    }

    [Fact]
    public void A_multi_valued_secret_has_its_keys()
    {
        var store = FromFile("""{ "plain": "0", "keys": { "2025": "a", "old": { "2024": "b" } } }""", "- { name: multiValued, value: true }");
        Assert.Equal(new Dictionary<string, string> { ["2025"] = "a", ["old:2024"] = "b" }, store.Get("keys"));
        Assert.Equal("0", store.Get("plain")!["plain"]);
        Assert.Equal(["plain", "keys"], store.GetAll().Keys);
    }

    [Theory]
    [InlineData("""{ "a": { "b": 12345 } }""", "'a:b' must be a string; put the value in quotes")]
    [InlineData("""[ "a" ]""", "the file must hold one JSON object")]
    [InlineData("{ \"a\":\n 'hunter2' }", "is not JSON")]
    public void A_file_that_cannot_be_used_is_told_without_its_content(string json, string problem)
    {
        _folder.With("secrets.json", json).WithComponent("- { name: secretsFile, value: secrets.json }", "secretstores.local.file");
        var message = Assert.Single(_folder.Problems());
        Assert.StartsWith("jobs.yaml:9: secretsFile of component 'jobs'", message, StringComparison.Ordinal);
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.DoesNotContain("12345", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_and_no_file_are_told()
    {
        _folder.WithComponent("- { name: secretsFile, value: none.json }", "secretstores.local.file");
        Assert.Equal(
            "jobs.yaml:9: secretsFile of component 'jobs' cannot be read: none.json. A relative path is relative to the sidecar's working directory.",
            Assert.Single(_folder.Problems()));
        _folder.WithComponent("- { name: multiValued, value: true }", "secretstores.local.file");
        Assert.Equal("jobs.yaml:1: secretsFile of component 'jobs' is missing; it is required.", Assert.Single(_folder.Problems()));
    }

    [Fact]
    public void The_environment_is_a_store_that_keeps_Daprs_own_variables_back()
    {
        _folder.WithVariable("APP_KEY", "k").WithVariable("DAPR_API_TOKEN", "t").WithVariable("APP_API_TOKEN", "t");
        var all = FromEnvironment(string.Empty);
        Assert.Equal(["APP_KEY"], all.GetAll().Keys);
        Assert.Equal("k", all.Get("APP_KEY")!["APP_KEY"]);
        Assert.Equal(string.Empty, all.Get("DAPR_API_TOKEN")!["DAPR_API_TOKEN"]);
        Assert.Equal(string.Empty, all.Get("NOT_SET")!["NOT_SET"]);

        var prefixed = FromEnvironment("APP_");
        Assert.Equal("k", prefixed.Get("KEY")!["KEY"]);
        Assert.Equal(string.Empty, prefixed.Get("API_TOKEN")!["API_TOKEN"]);
        Assert.Equal(["KEY"], prefixed.GetAll().Keys);
    }

    private ISecretStore FromFile(string json, string further = "")
    {
        _folder.With("secrets.json", json).WithComponent(("- { name: secretsFile, value: secrets.json }\n" + further).TrimEnd(), "secretstores.local.file");
        return Assert.Single(_folder.Load().SecretStores).Value;
    }

    private ISecretStore FromEnvironment(string prefix)
    {
        _folder.WithComponent($"- {{ name: prefix, value: \"{prefix}\" }}", "secretstores.local.env");
        return Assert.Single(_folder.Load().SecretStores).Value;
    }
}
