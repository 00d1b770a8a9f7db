using System.Security.Cryptography;
using System.Text;
using WhiteCross.Deploy.Tests.Cluster;
using WhiteCross.Deploy.Tests.Yaml;

namespace WhiteCross.Deploy.Tests;

/// <summary>
/// deploy/kubernetes/rendered/ is what the overlays render to: told without kubectl by the digests in the first line of each file, and rendered
/// anew where there is kubectl or kustomize.
/// </summary>
public sealed class RenderedTests
{
    private const string Folder = "deploy/kubernetes";
    private const string Remedy = "Run deploy/kubernetes/render.sh.";

    public static TheoryData<string> Names => [.. Overlay.Names];

    [Fact]
    public void Every_overlay_is_rendered() => Assert.Equal(
        Directory.GetDirectories(Repository.PathOf($"{Folder}/overlays")).Select(Path.GetFileName).Order(StringComparer.Ordinal), Overlay.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void It_was_made_of_these_sources_and_not_changed_since(string overlay)
    {
        var text = Overlay.Text(overlay);
        var end = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        Assert.True($"# From sources {Sources(overlay)} to {Digest(text[end..])} by render.sh; not to be edited.\n" == text[..end], $"rendered/{overlay}.yaml is stale or was changed. {Remedy}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_is_what_kustomize_renders(string overlay)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var folder = $"{Folder}/overlays/{overlay}";
        var rendered = Shell.Has("kubectl") ? await Shell.RunAsync("kubectl", ["kustomize", folder], cancellation)
            : Shell.Has("kustomize") ? await Shell.RunAsync("kustomize", ["build", folder], cancellation)
            : null;
        if (rendered is null)
        {
            // Not left out: the digests say the same about the same files.
            TestContext.Current.TestOutputHelper?.WriteLine("There is neither kubectl nor kustomize here; the digests vouch for the rendered files.");
            It_was_made_of_these_sources_and_not_changed_since(overlay);
            return;
        }

        Assert.Equal(Documents(rendered), Documents(Overlay.Text(overlay)));
    }

    private static IEnumerable<string> Documents(string text) =>
        Node.Load(text, "rendered").Select(document => $"{document.Kind} {document.Name}{document.Content()}").Order(StringComparer.Ordinal);

    private static string Sources(string overlay) => Digest(string.Concat(new[] { "base", "components", $"overlays/{overlay}" }
        .SelectMany(folder => Repository.FilesUnder($"{Folder}/{folder}").Select(file => $"{folder}/{file}"))
        .Order(StringComparer.Ordinal)
        .Select(file => $"{Digest(Repository.Read($"{Folder}/{file}"))}  {file}\n")));

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
