using System.Text.RegularExpressions;
using WhiteCross.Deploy.Tests.Yaml;

namespace WhiteCross.Deploy.Tests;

/// <summary>deploy/compose: its services, ports and settings are those that the code, dapr.yaml and components/ have.</summary>
public sealed class ComposeTests
{
    private const int Port = 8080;

    private static readonly string Text = Repository.Read("deploy/compose/compose.yaml");
    private static readonly Node Services = Assert.Single(Node.Load(Text, "deploy/compose/compose.yaml")).Required("services");
    private static readonly Node Common = Assert.Single(Node.Load(Repository.Read("dapr.yaml"), "dapr.yaml")).Required("common");

    public static TheoryData<string, string> Folders => [.. Apps.All.Select(app => new TheoryDataRow<string, string>(app.Id, app.Folder))];

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_service_is_built_from_its_folder_and_has_its_sidecar_beside_it(string app, string folder)
    {
        var (service, sidecar) = (Service(app), Service($"{app}-dapr"));

        Assert.Equal(folder, service.Required("build").Required("args").Required("SERVICE").Text);
        Assert.Equal($"http://+:{Port}", service.Required("environment").Required("ASPNETCORE_URLS").Text);
        Assert.Equal(app == Apps.Gateway ? [$"127.0.0.1:5080:{Port}"] : [], service["ports"]?.Texts ?? []);
        Assert.Equal($"service:{app}", sidecar.Required("network_mode").Text);
        Assert.Equal((app, $"{Port}"), (Flag(sidecar, "--app-id"), Flag(sidecar, "--app-port")));
        Assert.Contains(app, sidecar.Required("depends_on").Texts);
    }

    [Fact]
    public void A_service_or_a_field_that_is_missing_is_told_by_name()
    {
        Assert.Contains("compose.yaml has no service message-archive;", Assert.Throws<InvalidOperationException>(() => Service("message-archive")).Message, StringComparison.Ordinal);
        Assert.Matches(
            @"^deploy/compose/compose\.yaml:\d+: services\.redis has no build\.$", Assert.Throws<InvalidOperationException>(() => Service("redis").Required("build")).Message);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_sidecar_loads_the_components_and_watches_its_app_as_dapr_yaml_says(string app, string folder)
    {
        Assert.NotEmpty(folder);
        var sidecar = Service($"{app}-dapr");

        Assert.Equal(["../../components:/components:ro"], sidecar.Required("volumes").Texts);
        Assert.Equal(("/components", "/components/config.yaml"), (Flag(sidecar, "--resources-path"), Flag(sidecar, "--config")));
        Assert.Contains("--enable-app-health-check", sidecar.Required("command").Texts);
        Assert.Equal(
            (Common.Required("appHealthCheckPath").Text, Common.Required("appHealthProbeInterval").Text, Common.Required("appHealthProbeTimeout").Text, Common.Required("appHealthThreshold").Text),
            (Flag(sidecar, "--app-health-check-path"), Flag(sidecar, "--app-health-probe-interval"), Flag(sidecar, "--app-health-probe-timeout"), Flag(sidecar, "--app-health-threshold")));
        Assert.Equal($"placement:{Flag(Service("placement"), "--port")}", Flag(sidecar, "--placement-host-address"));
        Assert.Equal($"scheduler:{Flag(Service("scheduler"), "--port")}", Flag(sidecar, "--scheduler-host-address"));

        // What the components take from the environment is there, and the same on both sides.
        var needed = Repository.FilesUnder("components").SelectMany(file => Regex.Matches(Repository.Read($"components/{file}"), @"envRef: (\w+)").Select(found => found.Groups[1].Value)).Distinct().Where(name => name != "REDIS_USERNAME").ToList();
        Assert.NotEmpty(needed);
        Assert.All(needed.Append("DAPR_API_TOKEN").Append("APP_API_TOKEN"), name => Assert.Equal(Service(app).Required("environment")[name]?.Text ?? "missing", sidecar.Required("environment")[name]?.Text));
        Assert.Equal(Apps.SecretsOf.ContainsKey(app), sidecar.Required("environment")["SECRET_MESSAGE_KEYS"] is not null);
    }

    [Fact]
    public void The_gateway_passes_on_to_services_that_are_there_under_names_that_they_answer_to()
    {
        var passed = Service(Apps.Gateway).Required("environment").Entries.Where(entry => entry.Key.StartsWith("Services__", StringComparison.Ordinal)).ToList();

        Assert.Equal(InCluster.Routes.Destinations.Select(destination => destination.Service).Distinct().Order(), passed.Select(entry => entry.Key["Services__".Length..]).Order());
        Assert.All(passed, entry => Assert.Equal($"http://{entry.Key["Services__".Length..]}:{Port}", entry.Value.Text));
        Assert.All(Apps.Ids, app => Assert.True(passed.Select(entry => entry.Key["Services__".Length..]).ToHashSet().IsSubsetOf(
            Service(app).Required("environment").Entries.Where(entry => entry.Key.StartsWith("Access__Hosts__", StringComparison.Ordinal)).Select(entry => entry.Value.Text!)), app));
    }

    [Fact]
    public void Every_setting_exists_and_every_variable_is_made_by_env_sh()
    {
        var settings = Services.Entries.Where(service => Apps.Ids.Contains(service.Key)).SelectMany(service => service.Value.Required("environment").Entries.Select(entry => entry.Key)).Distinct().Where(name => !name.StartsWith("Services__", StringComparison.Ordinal));
        Assert.All(settings, name => Assert.True(SettingsReference.Has(name) || name == "ASPNETCORE_URLS", $"{name} is no setting."));

        var made = Repository.Read("deploy/compose/env.sh");
        Assert.All(Regex.Matches(Text, @"\$\{(\w+)(?<default>:-)?").Where(found => !found.Groups["default"].Success), found => Assert.Contains($"\n{found.Groups[1].Value}=", made, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Env_sh_makes_a_file_for_its_owner_once()
    {
        var folder = Directory.CreateTempSubdirectory("whitecross-");
        try
        {
            var file = Path.Combine(folder.FullName, "env");
            await Shell.RunAsync("bash", ["deploy/compose/env.sh", file], TestContext.Current.CancellationToken);
            var first = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);

            Assert.Equal(7, first.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
            await Assert.ThrowsAsync<InvalidOperationException>(() => Shell.RunAsync("bash", ["deploy/compose/env.sh", file], TestContext.Current.CancellationToken));
            Assert.Equal(first, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Node Service(string name) => Services[name]
        ?? throw new InvalidOperationException($"deploy/compose/compose.yaml has no service {name}; each app of Apps.cs has one under its id, and beside it its sidecar, with -dapr behind the id.");

    private static string? Flag(Node service, string name) => service.Required("command").Texts.SkipWhile(text => text != name).Skip(1).FirstOrDefault();
}
