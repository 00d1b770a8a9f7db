using System.Text.RegularExpressions;
using WhiteCross.Deploy.Tests.InCluster;
using WhiteCross.Deploy.Tests.Yaml;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Sidecar.Loading;
using WhiteCross.Sidecar.Redis;
using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Deploy.Tests;

/// <summary>dapr.yaml, tye.yaml, components/, the services and the README agree with each other.</summary>
public sealed class LocalFilesTests
{
    private static readonly Node DaprRun = Assert.Single(Node.Load(Repository.Read("dapr.yaml"), "dapr.yaml"));
    private static readonly Node Tye = Assert.Single(Node.Load(Repository.Read("tye.yaml"), "tye.yaml"));

    public static TheoryData<string> AppIds => [.. Apps.Ids];

    public static TheoryData<string, string> Folders => [.. Apps.All.Select(app => new TheoryDataRow<string, string>(app.Id, app.Folder))];

    [Fact]
    public void Dapr_yaml_runs_each_app_on_its_ports()
    {
        var apps = DaprRun.Required("apps").Items.ToList();
        Assert.Equal(Apps.Ids, apps.Select(app => app["appID"]?.Text));
        for (var i = 0; i < apps.Count; i++)
        {
            Assert.Equal(
                ($"./services/{Apps.All[i].Folder}", $"{5080 + i}", $"{3500 + i}", $"{Apps.GrpcPort(i)}", $"http://localhost:{5080 + i}"),
                (apps[i]["appDirPath"]?.Text, apps[i]["appPort"]?.Text, apps[i]["daprHTTPPort"]?.Text, apps[i]["daprGRPCPort"]?.Text, apps[i]["env"]?["ASPNETCORE_URLS"]?.Text));
        }

        // As many builds at once would get in each other's way.
        Assert.All(apps, app => Assert.Equal(["dotnet", "run", "--no-build", "--configuration", "Release", "--no-launch-profile"], app.Required("command").Texts));
        string[] ports = ["appPort", "daprHTTPPort", "daprGRPCPort", "metricsPort"];
        var all = apps.SelectMany(app => ports.Select(port => app[port]?.Text)).ToList();
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Empty(all.Select(port => int.Parse(port!, null)).Intersect(Apps.TakenPorts));
    }

    [Fact]
    public void Dapr_yaml_loads_what_is_there_and_keeps_the_events_of_a_service_that_is_down()
    {
        var common = DaprRun.Required("common");
        Assert.All(common.Required("resourcesPaths").Texts, path => Assert.True(Directory.Exists(Repository.PathOf(path))));
        Assert.True(File.Exists(Repository.PathOf(common.Required("configFilePath").Text!)));
        Assert.Equal(("true", "/healthz"), (common["enableAppHealthCheck"]?.Text, common["appHealthCheckPath"]?.Text));
        Assert.True(int.Parse(common.Required("appHealthProbeTimeout").Text!, null) <= 1000 * int.Parse(common.Required("appHealthProbeInterval").Text!, null), "Dapr refuses a timeout above the interval.");
    }

    [Fact]
    public void Tye_yaml_runs_the_same_apps_on_the_same_ports()
    {
        var dapr = Tye.Required("extensions").Items.Single();
        var services = Tye.Required("services").Items.ToList();
        Assert.Equal(Apps.Ids, services.Select(service => service["name"]?.Text));
        Assert.Equal(Apps.Ids, dapr.Required("services").Entries.Select(entry => entry.Key));
        foreach (var (app, service) in DaprRun.Required("apps").Items.Zip(services))
        {
            var sidecar = dapr.Required("services").Required(service.Required("name").Text!);
            var folder = app.Required("appDirPath").Text!["./services/".Length..];
            Assert.Equal($"services/{folder}/{folder}.csproj", service["project"]?.Text);
            Assert.Equal(
                (app["appID"]?.Text, app["appPort"]?.Text, app["daprHTTPPort"]?.Text, app["daprGRPCPort"]?.Text, app["metricsPort"]?.Text),
                (sidecar["app-id"]?.Text, service.Required("bindings").Items.Single()["port"]?.Text, sidecar["http-port"]?.Text, sidecar["grpc-port"]?.Text, sidecar["metrics-port"]?.Text));
        }

        Assert.Equal(DaprRun.Required("common")["configFilePath"]?.Text, $"{dapr["components-path"]?.Text}/{dapr["config"]?.Text}.yaml");
        Assert.Equal(DaprRun.Required("common")["resourcesPaths"]?.Texts.Single(), dapr["components-path"]?.Text);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_service_has_the_app_id_and_the_port_that_the_files_say(string app, string folder)
    {
        Assert.True(File.Exists(Repository.PathOf($"services/{folder}/{folder}.csproj")), $"services/{folder}/{folder}.csproj does not exist.");
        var source = Repository.Read($"services/{folder}/{folder}App.cs");
        Assert.Equal(app, Regex.Match(source, "const string AppId = \"([^\"]+)\"").Groups[1].Value);
        Assert.Equal($"http://localhost:{5080 + Apps.IndexOf(app)}", Regex.Match(source, "UseDefaultUrl\\(\"([^\"]+)\"\\)").Groups[1].Value);
    }

    [Fact]
    public void The_gateway_passes_requests_on_to_the_services_ports()
    {
        Assert.NotEmpty(Routes.Destinations);
        Assert.All(Routes.Destinations, destination => Assert.Equal(5080 + Apps.IndexOf(destination.Service), destination.Address.Port));
    }

    /// <summary>Access control and network policies go by that list.</summary>
    [Fact]
    public void Services_invoke_those_that_the_list_of_callers_says()
    {
        var invoked = Apps.All.SelectMany(app => Directory.EnumerateFiles(Repository.PathOf($"services/{app.Folder}"), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText)
                .Where(source => source.Contains("DaprClient dapr", StringComparison.Ordinal))
                .SelectMany(source => Apps.All.Where(other => other.Id != app.Id && Regex.IsMatch(source, $@"JobQueues\.{other.Folder}\b|""{other.Id}""")))
                .Select(callee => (Callee: callee.Id, Caller: app.Id)))
            .Distinct().Order();
        Assert.Equal(Apps.CallersOf.SelectMany(callee => callee.Value.Select(caller => (Callee: callee.Key, Caller: caller))).Order(), invoked);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/deploy.md")]
    public void A_table_of_ports_is_right_and_names_every_app(string file)
    {
        var rows = Regex.Matches(Repository.Read(file), @"^\|\s*`?(?<app>[a-z-]+)`?\s*\|(?<cells>.*)\|\s*$", RegexOptions.Multiline)
            .Where(row => Apps.Ids.Contains(row.Groups["app"].Value) && Regex.IsMatch(row.Groups["cells"].Value, @"\b508[0-9]\b")).ToList();
        var missing = Apps.Ids.Except(rows.Select(row => row.Groups["app"].Value)).ToList();
        Assert.True(missing.Count == 0, $"The table of ports in {file} has no row for {string.Join(", ", missing)}.");
        Assert.All(rows, row =>
        {
            var i = Apps.IndexOf(row.Groups["app"].Value);
            int[] known = [5080 + i, 3500 + i, Apps.GrpcPort(i)];
            Assert.All(Regex.Matches(row.Groups["cells"].Value, @"\b(508\d|35\d\d|500\d\d)\b"), port => Assert.Contains(int.Parse(port.Value, null), known));
        });
    }

    [Theory]
    [MemberData(nameof(AppIds))]
    public void A_sidecar_takes_every_setting_of_every_resource(string app) => Assert.Empty(Load(app, Repository.PathOf("components")).Warnings);

    /// <summary>Daprd takes an unset variable for an empty text and refuses that as a number or a switch, and before 1.18 takes the port from the host only.</summary>
    [Theory]
    [InlineData("dapr.yaml")]
    [InlineData("README.md")]
    [InlineData("docs/deploy.md")]
    [InlineData(".github/workflows/ci.yml")]
    public void What_is_said_to_be_set_is_what_daprd_needs(string file)
    {
        var resources = Load(Apps.Gateway, Repository.PathOf("components"), SaidToBeSet(file));
        Assert.Empty(resources.Warnings);
        Assert.All(resources.Components.Where(component => component.Type == KnownComponents.PubSubRedis), lane =>
        {
            Assert.Equal("localhost:6379", RedisConnectionSettings.Of(lane).ToString());
            Assert.Equal("localhost:6379", lane.Metadata.Text("redisHost"));
        });
    }

    [Theory]
    [InlineData("concurrency", "concurency", "concurency is not known to pubsub.redis and is ignored.")]
    [InlineData("value: \"5000\"", "value: 5s", "Dapr takes only an integer of milliseconds here")]
    public void A_setting_that_Dapr_would_ignore_is_told_with_file_and_line(string right, string wrong, string problem)
    {
        var folder = Directory.CreateTempSubdirectory("components-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "jobs.yaml"), Repository.Read("components/jobs.yaml").Replace(right, wrong, StringComparison.Ordinal));
            var warning = Assert.Single(Load(Apps.Gateway, folder.FullName).Warnings);
            Assert.Matches(@"jobs\.yaml:\d+: ", warning);
            Assert.Contains(problem, warning, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(AppIds))]
    public void An_app_publishes_and_subscribes_to_its_topics_only(string app)
    {
        var resources = Load(app, Repository.PathOf("components"));
        foreach (var lane in JobLanes.All)
        {
            var scopes = TopicScopes.Of(LaneOf(resources, app, lane.PubSub), app);
            string[] topics = [.. JobLanes.All.SelectMany(other => Apps.Queues.Select(other.TopicOf)), .. Apps.DeadLetterTopics, "anything"];
            string[] deadLetters = app == Apps.Gateway ? [.. Apps.DeadLetterTopics] : [JobQueues.Get(app).DeadLetterTopic];

            Assert.Equal([.. Apps.PublishesTo(app).Select(lane.TopicOf).Concat(deadLetters).Order()], topics.Where(scopes.MayPublish).Distinct().Order());
            Assert.Equal(app == Apps.Gateway ? deadLetters.Order() : [lane.TopicOf(app)], topics.Where(scopes.MaySubscribe).Distinct().Order());
        }
    }

    [Fact]
    public void An_app_from_outside_has_no_topic_until_it_is_named()
    {
        var lane = LaneOf(Load(Apps.Gateway, Repository.PathOf("components")), Apps.Gateway, "jobs");
        var scopes = TopicScopes.Of(lane, "appointments");
        Assert.All(Apps.Queues.Concat(Apps.DeadLetterTopics), topic => Assert.False(scopes.MayPublish(topic) || scopes.MaySubscribe(topic)));
    }

    [Fact]
    public void Resiliency_and_scopes_name_apps_and_components_that_exist()
    {
        var documents = Directory.GetFiles(Repository.PathOf("components"), "*.yaml").SelectMany(file => Node.Load(File.ReadAllText(file), file)).ToList();
        var components = documents.Where(document => document.Kind == "Component").Select(document => document.Name).ToList();
        Assert.All(documents.SelectMany(document => document["scopes"]?.Texts ?? []), app => Assert.Contains(app, Apps.Ids));
        foreach (var targets in documents.Where(document => document.Kind == "Resiliency").Select(document => document.Required("spec").Required("targets")))
        {
            Assert.All(targets["components"]?.Entries ?? [], target => Assert.Contains(target.Key, components));
            Assert.All(targets["apps"]?.Entries ?? [], target => Assert.Contains(target.Key, Apps.CallersOf.Keys.Append(JobQueues.MessageNotification)));
        }
    }

    private static Dictionary<string, string> SaidToBeSet(string file) =>
        Regex.Matches(Repository.Read(file), "(REDIS_[A-Z]+)(?:=|: )\"?([a-z0-9:]+)").DistinctBy(match => match.Groups[1].Value)
            .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);

    private static ComponentResource LaneOf(LoadedResources resources, string app, string lane) => resources.Components.SingleOrDefault(component => component.Name == lane)
        ?? throw new InvalidOperationException($"components/{lane}.yaml is not for {app}: its scopes do not name it.");

    private static LoadedResources Load(string app, string folder, Dictionary<string, string>? variables = null) => ResourceLoader.Load(
        [folder],
        Repository.PathOf("components/config.yaml"),
        app,
        new ResourceEnvironment { Variable = (variables ?? SaidToBeSet("dapr.yaml")).GetValueOrDefault });
}
