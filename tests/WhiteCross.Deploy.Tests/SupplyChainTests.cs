using System.Text.RegularExpressions;
using WhiteCross.Deploy.Tests.Cluster;
using WhiteCross.Deploy.Tests.Yaml;

namespace WhiteCross.Deploy.Tests;

/// <summary>What builds and publishes this is named by its content, may do what it needs and no more, and runs nothing that it has only just fetched.</summary>
public sealed partial class SupplyChainTests
{
    private const string Folder = ".github/workflows";

    // Jobs that may write, and what: all of them run for a tag, but for the findings of the analysis.
    private static readonly Dictionary<string, string[]> MayWrite = new()
    {
        ["codeql.yml/analyze"] = ["security-events"],
        ["release.yml/images"] = ["attestations", "id-token", "packages"],
        ["release.yml/packages"] = ["attestations", "id-token"],
        ["release.yml/manifests"] = ["contents"],
    };

    public static TheoryData<string> Workflows => [.. Repository.FilesUnder(Folder).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Scripts =>
    [
        .. Repository.FilesUnder(".").Where(file => file.EndsWith(".sh", StringComparison.Ordinal) || file.EndsWith("Dockerfile", StringComparison.Ordinal) || file.EndsWith(".md", StringComparison.Ordinal)
            || file.StartsWith(".github/", StringComparison.Ordinal) || file.StartsWith(".ci/", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void An_action_is_named_by_its_commit_and_says_its_version(string workflow)
    {
        var uses = UsesLine().Matches(Repository.Read($"{Folder}/{workflow}")).Select(line => line.Groups[1].Value.Trim()).ToList();
        Assert.NotEmpty(uses);
        Assert.All(uses, action => Assert.Matches(@"^(\./\.github/workflows/[a-z]+\.yml|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$", action));
    }

    [Fact]
    public void An_action_has_one_version_everywhere()
    {
        var named = Repository.FilesUnder(Folder).SelectMany(file => UsesLine().Matches(Repository.Read($"{Folder}/{file}"))).Select(line => line.Groups[1].Value.Trim().Split('@'))
            .Where(action => action.Length == 2).GroupBy(action => string.Join('/', action[0].Split('/').Take(2)), action => action[1]);
        Assert.All(named, action => Assert.Single(action.Distinct()));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_job_says_what_it_may_do_and_writes_only_where_a_version_is_published(string workflow)
    {
        var root = Assert.Single(Node.Load(Repository.Read($"{Folder}/{workflow}"), workflow));
        Assert.Empty(root.Required("permissions").Entries);
        Assert.All(root.Required("jobs").Entries, job =>
        {
            Assert.True(job.Value["permissions"] is not null, $"{job.Value.At}: the job {job.Key} must say its permissions.");
            var writes = job.Value.Required("permissions").Entries.Where(permission => permission.Value.Text == "write").Select(permission => permission.Key).Order(StringComparer.Ordinal);
            Assert.Equal(MayWrite.GetValueOrDefault($"{workflow}/{job.Key}", []), writes);
            Assert.True(job.Value["uses"] is not null || job.Value["timeout-minutes"] is not null, $"{job.Value.At}: the job {job.Key} must end in time.");
        });
    }

    [Fact]
    public void A_version_is_published_for_a_tag_only()
    {
        var on = Assert.Single(Node.Load(Repository.Read($"{Folder}/release.yml"), "release.yml")).Required("on");
        Assert.Equal(["push"], on.Entries.Select(entry => entry.Key));
        Assert.Equal(["tags"], on.Required("push").Entries.Select(entry => entry.Key));
        Assert.All(on.Required("push").Required("tags").Texts, tag => Assert.StartsWith("v", tag, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void A_step_keeps_no_token_and_puts_nothing_from_outside_into_a_script(string workflow)
    {
        var steps = Assert.Single(Node.Load(Repository.Read($"{Folder}/{workflow}"), workflow)).Required("jobs").Entries.SelectMany(job => job.Value["steps"]?.Items ?? []).ToList();
        Assert.All(steps.Where(step => step["uses"]?.Text?.StartsWith("actions/checkout@", StringComparison.Ordinal) is true), step => Assert.Equal("false", step["with"]?["persist-credentials"]?.Text));
        // By a variable, which a shell does not read as part of the script.
        Assert.All(steps.Where(step => step["run"] is not null), step => Assert.DoesNotContain("${{", step.Required("run").Text, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public void Nothing_is_fetched_into_a_shell(string file) => Assert.DoesNotMatch(FetchedScript(), Repository.Read(file));

    [Theory]
    [InlineData("curl -fsSL https://example.org/install.sh | bash -s 1.2")]
    [InlineData("wget -qO- https://example.org/x | sudo sh")]
    [InlineData("bash <(curl -s https://example.org/x)")]
    [InlineData("sh -c \"$(curl -fsSL https://example.org/x)\"")]
    [InlineData("eval \"$(wget -O- https://example.org/x)\"")]
    public void Such_a_line_would_be_found(string line) => Assert.Matches(FetchedScript(), line);

    [Fact]
    public void Every_service_is_built_and_published_under_its_name()
    {
        var published = JobOf("release.yml", "images").Required("strategy").Required("matrix").Required("include").Items.Select(item => (item["image"]?.Text, item["service"]?.Text));
        Assert.Equal(Apps.All.Select(app => ((string?)app.Id, (string?)app.Folder)), published);
        Assert.Equal(Apps.All.Select(app => app.Folder), JobOf("ci.yml", "images").Required("strategy").Required("matrix").Required("service").Texts);
        Assert.Equal("false", JobOf("ci.yml", "images").Required("steps").Items.Single(step => step["uses"]?.Text?.Contains("build-push-action", StringComparison.Ordinal) is true).Required("with")["push"]?.Text);
    }

    [Fact]
    public void An_image_is_signed_by_its_digest_and_has_its_provenance()
    {
        var steps = JobOf("release.yml", "images").Required("steps").Items.ToList();
        var sign = Assert.Single(steps, step => step["run"]?.Text?.Contains("cosign sign", StringComparison.Ordinal) is true);
        Assert.Contains("@${{ steps.build.outputs.digest }}", sign.Required("env")["IMAGE"]?.Text, StringComparison.Ordinal);
        var attest = Assert.Single(steps, step => step["uses"]?.Text?.StartsWith("actions/attest-build-provenance@", StringComparison.Ordinal) is true);
        Assert.Equal("${{ steps.build.outputs.digest }}", attest.Required("with")["subject-digest"]?.Text);
        Assert.Contains(steps, step => step["run"]?.Text == "deploy/pin-images.sh deploy/Dockerfile");
    }

    [Fact]
    public async Task Base_images_are_named_by_the_digests_of_their_tags()
    {
        using var fake = new FakePrograms();
        fake.Add("docker", "echo \"asked for $*\" >&2; printf 'sha256:'; printf '%s' \"${@: -1}\" | sha256sum | cut -d ' ' -f 1");
        var file = fake.Copy("deploy/Dockerfile");
        for (var run = 0; run < 2; run++)
        {
            // Once more: digests that are there are renewed, not added to.
            await fake.RunAsync("deploy/pin-images.sh", file);
        }

        var images = File.ReadAllLines(file).Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, images.Count);
        Assert.EndsWith($"sdk:${{DOTNET}}@sha256:{FakePrograms.DigestOf("mcr.microsoft.com/dotnet/sdk:10.0")} AS build", images[0], StringComparison.Ordinal);
        Assert.EndsWith($"-noble-chiseled-extra@sha256:{FakePrograms.DigestOf("mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra")}", images[1], StringComparison.Ordinal);
        Assert.Equal(Repository.Read("deploy/Dockerfile"), PinnedDigest().Replace(File.ReadAllText(file), string.Empty));

        var manifest = fake.Copy("deploy/kubernetes/overlays/development/redis.yaml");
        await fake.RunAsync("deploy/pin-images.sh", manifest);
        Assert.Contains($"image: redis:7.4-alpine@sha256:{FakePrograms.DigestOf("redis:7.4-alpine")}\n", File.ReadAllText(manifest), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_manifests_of_a_version_name_our_images_by_digest()
    {
        if (!Shell.Has("kubectl") && !Shell.Has("kustomize"))
        {
            Assert.Skip("There is neither kubectl nor kustomize here.");
        }

        using var fake = new FakePrograms();
        foreach (var app in Apps.Ids)
        {
            File.WriteAllText(Path.Combine(fake.Folder, app), $"sha256:{FakePrograms.DigestOf(app)}\n");
        }

        var overlay = Overlay.Parse(await fake.RunAsync("deploy/kubernetes/by-digest.sh", "ghcr.io/acme", fake.Folder), "production");
        Assert.Empty(overlay.File.Problems);
        Assert.Equal(
            Apps.Ids.Select(app => $"ghcr.io/acme/{app}@sha256:{FakePrograms.DigestOf(app)}").Order(StringComparer.Ordinal),
            overlay.Containers.Select(container => container.Image).Distinct().Order(StringComparer.Ordinal));

        File.Delete(Path.Combine(fake.Folder, Apps.Gateway));
        await Assert.ThrowsAsync<InvalidOperationException>(() => fake.RunAsync("deploy/kubernetes/by-digest.sh", "ghcr.io/acme", fake.Folder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_Dapr_CLI_is_installed_only_if_it_is_what_its_release_says(bool isRight)
    {
        using var fake = new FakePrograms();
        // The archive of a script that is called dapr, and its checksum or that of something else.
        fake.Add("curl", $$"""
            while [ $# -gt 1 ]; do [ "$1" = -o ] && out=$2; shift; done
            cd "{{fake.Folder}}"; [ -f archive ] || { echo 'echo installed' > dapr; chmod +x dapr; tar -czf archive dapr; }
            case $1 in *.sha256) {{(isRight ? "sha256sum archive" : "echo other | sha256sum")}} > "$out" ;; *) cp archive "$out" ;; esac
            """);
        var target = Path.Combine(fake.Folder, "target");
        if (isRight)
        {
            await fake.RunAsync("deploy/install-dapr.sh", "1.18.0", target);
            Assert.Equal("installed\n", await Shell.RunAsync("sh", [Path.Combine(target, "dapr")], TestContext.Current.CancellationToken));
        }
        else
        {
            var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => fake.RunAsync("deploy/install-dapr.sh", "1.18.0", target));
            Assert.Contains("is not what its release says", exception.Message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(target));
        }
    }

    [Fact]
    public void A_published_package_depends_on_published_ones_only()
    {
        var projects = Repository.FilesUnder(".").Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)).ToDictionary(file => Path.GetFileNameWithoutExtension(file), Repository.Read);
        var published = projects.Where(project => project.Value.Contains("<IsPackable>true</IsPackable>", StringComparison.Ordinal)).ToDictionary();
        Assert.Contains("WhiteCross.Jobs.Client", published.Keys);
        Assert.All(published, project => Assert.All(
            ProjectReference().Matches(project.Value).Select(reference => Path.GetFileNameWithoutExtension(reference.Groups[1].Value)), reference => Assert.Contains(reference, published.Keys)));
        Assert.All(published.Values, project => Assert.Contains("<Description>", project, StringComparison.Ordinal));
    }

    [GeneratedRegex("<ProjectReference Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"^\s*(?:- )?uses:(.*)$", RegexOptions.Multiline)]
    private static partial Regex UsesLine();

    [GeneratedRegex(@"\b(curl|wget)\b[^\n]*\|\s*(sudo\s+(-\S+\s+)*)?(env\s+)?(ba|da|z|k)?sh\b|\b(ba|da|z|k)?sh\s+<\(\s*(curl|wget)\b|(\bsh\s+-c|\beval|\bsource)\s+[""'`]?\$\((curl|wget)\b")]
    private static partial Regex FetchedScript();

    [GeneratedRegex("@sha256:[0-9a-f]{64}")]
    private static partial Regex PinnedDigest();

    private static Node JobOf(string workflow, string job) => Assert.Single(Node.Load(Repository.Read($"{Folder}/{workflow}"), workflow)).Required("jobs").Required(job);
}
