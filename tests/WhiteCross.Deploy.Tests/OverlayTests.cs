using System.Text.RegularExpressions;
using WhiteCross.Deploy.Tests.Cluster;

namespace WhiteCross.Deploy.Tests;

/// <summary>What the overlays render to is right, and whatever is not is told.</summary>
public sealed class OverlayTests(OverlayTests.MadeSecrets secrets) : IClassFixture<OverlayTests.MadeSecrets>
{
    public static TheoryData<string> Names => [.. Overlay.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_keeps_to_the_schemas_of_Kubernetes_Dapr_and_Keda(string name) => Assert.Empty(Overlay.Read(name).File.Problems);

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_parts_fit_together(string name)
    {
        var problems = Problems(Overlay.Read(name)).ToList();
        Assert.True(problems.Count == 0, string.Join('\n', problems)); // Assert.Empty would cut each off.
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Its_stores_are_where_the_overlay_says(string name)
    {
        var overlay = Overlay.Read(name);
        string[] brought = [.. overlay.All<k8s.Models.V1StatefulSet>().Select(store => store.Metadata.Name).Order(StringComparer.Ordinal)];
        Assert.Equal(overlay.IsProduction ? [] : ["postgres", "redis"], brought);
        Assert.Equal(overlay.IsProduction ? "true" : "false", overlay.Settings["REDIS_TLS"]);
        Assert.Equal(overlay.IsProduction, overlay.Settings.ContainsKey("Authentication__Authority"));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Migrations_are_run_by_services_that_end_after_them(string name)
    {
        var jobs = Overlay.Read(name).All<k8s.Models.V1Job>().Select(job => job.Spec.Template.Spec).ToList();
        Assert.Equal(["message-delivery", "message-indexing", "message-notification"], jobs.Select(job => job.ServiceAccountName).Order());
        Assert.All(jobs, job =>
        {
            Assert.Equal(["migrate"], job.Containers.Single().Args);
            var folder = Apps.All.Single(app => app.Id == job.ServiceAccountName).Folder;
            Assert.Matches(@"^return await ServiceProgram\.RunAsync\(\w+\.AppId, args, ", Repository.Read($"services/{folder}/Program.cs").Split("\n\n")[^1]);
        });
        Assert.Contains("RunOrMigrateAsync(args)", Repository.Read("src/WhiteCross.ServiceDefaults/ServiceProgram.cs"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_image_has_time_zones() =>
        // Of schedules and quiet hours; a chiselled image without "extra" has none.
        Assert.Contains("-chiseled-extra\n", Repository.Read("deploy/Dockerfile"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_image_is_what_the_pods_expect(string name)
    {
        var image = Repository.Read("deploy/Dockerfile");
        var port = int.Parse(Regex.Match(image, @"^EXPOSE (\d+)$", RegexOptions.Multiline).Groups[1].Value, null);
        Assert.Contains("\nUSER $APP_UID\n", image, StringComparison.Ordinal); // 1654 in Microsoft's images.
        Assert.Contains("\nWORKDIR /app\n", image, StringComparison.Ordinal);
        Assert.All(Overlay.Read(name).Deployments.Select(deployment => deployment.Spec.Template.Spec), pod =>
        {
            Assert.Equal((1654L, 1654L), (pod.SecurityContext.RunAsUser, pod.SecurityContext.FsGroup));
            Assert.Equal(port, pod.Containers[0].Ports.Single(other => other.Name == "http").ContainerPort);
            Assert.Null(pod.Containers[0].Command);
        });
    }

    /// <summary>A path that nobody thought of is what a pod does not have: whoever adds such a setting says what it is in a cluster.</summary>
    [Fact]
    public void A_setting_that_names_a_file_or_folder_is_explained_for_the_cluster()
    {
        var settings = new[] { "services", "src/WhiteCross.ServiceDefaults", "src/WhiteCross.Jobs.Redis", "src/WhiteCross.Dashboard" }
            .SelectMany(folder => Repository.FilesUnder(folder).Where(file => file.EndsWith(".cs", StringComparison.Ordinal)).Select(file => Repository.Read($"{folder}/{file}")))
            .SelectMany(source => Regex.Matches(source, "const string SectionName = \"([^\"]+)\"").SelectMany(section =>
                Regex.Matches(source, @"public string\?? (\w*(?:Directory|Folder|File|Path|Templates|CertificateAuthority|Certificate))\b").Select(property => (Section: section.Groups[1].Value, Property: property.Groups[1].Value))))
            .ToList();
        Assert.Contains(("Attachments", "Directory"), settings);
        var documented = Repository.Read("docs/deploy.md");
        Assert.All(settings, setting => Assert.Matches($"`{setting.Section}:([^`]*:)?{setting.Property}`", documented));
    }

    [Theory]
    // Pods
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "the pod must run as non-root")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "needs a read-only file system")]
    [InlineData("cpu: 100m", "nvidia.com/gpu: 1", "needs requests of cpu and memory")]
    [InlineData(":0.1.0", ":latest", "needs a tag, and not latest")]
    [InlineData("path: /readyz", "path: /ready", "needs a readiness probe of /readyz")]
    [InlineData("- containerPort: 8080\n          name: http", "- containerPort: 8080\n          name: web", "which the container does not have")]
    [InlineData("mountPath: /tmp\n          name: tmp", "mountPath: /tmp\n          name: temp", "mounts temp, which is no volume")]
    [InlineData("topologyKey: topology.kubernetes.io/zone", "topologyKey: zone", "its pods must be spread over topology.kubernetes.io/zone")]
    [InlineData("dapr.io/block-shutdown-duration: 40s", "dapr.io/block-shutdown-duration: 30s", "the service may take 00:00:35")]
    [InlineData("terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 50", "the sidecar may take 00:00:50")]
    // Selectors
    [InlineData("  selector:\n    app.kubernetes.io/name: message-delivery", "  selector:\n    app.kubernetes.io/name: delivery", "Service message-delivery: its selector matches 0 kinds of pods")]
    [InlineData("targetPort: http", "targetPort: web", "its target port web is no port of")]
    [InlineData("maxUnavailable: 1\n", "maxUnavailable: 2\n", "needs one PodDisruptionBudget")]
    [InlineData("- message-delivery-migration", "- message-delivery-migrations", "no pod is called message-delivery-migrations")]
    [InlineData("        path: /search", "        path: /queue", "/queue is not for users")]
    [InlineData("            name: queue-gateway\n            port", "            name: gateway\n            port", "which does not exist")]
    [InlineData("  tls:\n  - hosts:\n    - whitecross.example.org", "  tls:\n  - hosts:\n    - example.org", "every host needs TLS")]
    [InlineData("  name: deny-all\n  namespace: whitecross", "  name: deny-all\n  namespace: other", "NetworkPolicy deny-all must be in the namespace whitecross")]
    [InlineData("  name: deny-all\n  namespace: whitecross\nspec:\n  podSelector: {}", "  name: deny-all\n  namespace: whitecross\nspec:\n  podSelector: { matchLabels: { app.kubernetes.io/name: queue-gateway } }", "closes everything, both ways")]
    // Sidecars
    [InlineData("dapr.io/app-id: message-cleanup", "dapr.io/app-id: cleanup", "message-cleanup: dapr.io/app-id must be message-cleanup")]
    [InlineData("dapr.io/app-port: \"8080\"", "dapr.io/app-port: \"8081\"", "dapr.io/app-port must be 8080")]
    [InlineData("dapr.io/config: message-indexing", "dapr.io/config: indexing", "there is no Configuration indexing")]
    [InlineData("dapr.io/enable-app-health-check:", "dapr.io/enable-app-health-checks:", "dapr.io/enable-app-health-checks is no annotation that Dapr knows")]
    [InlineData("dapr.io/api-token-secret: dapr-api-token", "dapr.io/api-token-secret: token", "dapr.io/api-token-secret must be dapr-api-token")]
    // Scaling
    [InlineData("stream: message-cleanup.low", "stream: message-cleanup.slow", "it must look at the queue's topics in all lanes")]
    [InlineData("consumerGroup: message-encryption", "consumerGroup: encryption", "ScaledObject message-encryption: consumerGroup must be message-encryption")]
    [InlineData("databaseIndex: \"1\"", "databaseIndex: \"0\"", "databaseIndex must be 1")]
    [InlineData("enableTLS: \"true\"", "enableTLS: \"false\"", "enableTLS must be true")]
    [InlineData("minReplicaCount: 0", "minReplicaCount: 1", "its least replicas are 1")]
    [InlineData("name: batch-message-sending\n  namespace: whitecross\nspec:\n  cooldownPeriod: 300\n  fallback:\n    behavior: currentReplicasIfHigher\n    failureThreshold: 6\n    replicas: 2\n  maxReplicaCount: 3\n  minReplicaCount: 2", "name: batch-message-sending\n  namespace: whitecross\nspec:\n  cooldownPeriod: 300\n  maxReplicaCount: 3\n  minReplicaCount: 0", "batch-message-sending is called by other services, so it must not be scaled to zero")]
    [InlineData("queue-gateway.whitecross.svc.cluster.local/queue/message-cleanup", "queue-gateway.other.svc.cluster.local/queue/message-cleanup", "it must ask the gateway for the queue's")]
    [InlineData("  scaleTargetRef:\n    name: message-delivery", "  scaleTargetRef:\n    name: delivery", "There is no Deployment delivery to scale")]
    [InlineData("authenticationRef:\n      name: redis", "authenticationRef:\n      name: reddis", "there is no TriggerAuthentication reddis")]
    [InlineData("      keyParamName: X-Api-Key", "      keyParamName: Api-Key", "it must ask the gateway for the queue's")]
    // Access
    [InlineData("    defaultAction: deny\n    policies:", "    defaultAction: allow\n    policies:", "must deny by default")]
    [InlineData("    - appId: message-cleanup", "    - appId: message-encryption", "and nobody else")]
    [InlineData("      namespace: whitecross\n      operations:", "      namespace: default\n      operations:", "in the namespace whitecross")]
    [InlineData("name: /internal/**", "name: /**", "must allow /internal/** only")]
    [InlineData("      - message-keys\n      defaultAccess: deny", "      - message-keys\n      - others\n      defaultAccess: deny", "may read the secrets message-keys")]
    [InlineData("    - port: 50002", "    - port: 50003", "The network")]
    [InlineData("          app.kubernetes.io/name: batch-message-sending\n    ports:\n    - port: 50002", "          app.kubernetes.io/name: batch-message-sending\n    ports:\n    - port: 50003", "does not let batch-message-sending in to the sidecar of batch-message-sending")]
    [InlineData("  resourceNames:\n  - message-keys", "  resourceNames:\n  - redis", "The roles of message-encryption")]
    [InlineData("automountServiceAccountToken: false\n      containers", "automountServiceAccountToken: true\n      containers", "need no token of the API server")]
    // Calls by HTTP
    [InlineData("name: Services__batch-message-sending", "name: Services__batches", "it passes requests on to batch-message-sending, and needs Services__batch-message-sending")]
    [InlineData("value: https://message-indexing", "value: https://message-index", "Services__message-indexing is https://message-index, which leads to nothing")]
    [InlineData("value: https://message-indexing", "value: https://message-indexing:8080", "which leads to nothing")]
    [InlineData("value: https://message-indexing", "value: https://message-delivery", "which leads to message-delivery")]
    [InlineData("value: https://message-indexing", "value: http://message-indexing", "Services__message-indexing is http://message-indexing; it must be https")]
    [InlineData("nginx.ingress.kubernetes.io/proxy-ssl-verify: \"on\"", "nginx.ingress.kubernetes.io/proxy-ssl-verify: \"off\"", "it must speak TLS to its service, and verify it")]
    [InlineData("    - port: 8443\n      protocol: TCP\n    to:", "    - port: 8080\n      protocol: TCP\n    to:", "The network does not let queue-gateway out to port 8443 of")]
    [InlineData("secretName: services-tls", "secretName: tls", "refers to the key tls.crt of the Secret tls")]
    // Volumes
    [InlineData("mountPath: /tmp", "mountPath: /temp", "needs an emptyDir at /tmp")]
    [InlineData("name: Encryption__Secret\n          value: message-keys", "name: Encryption__Secret\n          value: /keys/message-keys", "Encryption__Secret is /keys/message-keys, which no volume is mounted at")]
    [InlineData("        - mountPath: /app/templates\n          name: templates\n          readOnly: true\n", "", "the volume templates is mounted nowhere")]
    // References
    [InlineData("key: address\n              name: redis", "key: host\n              name: redis", "refers to the key host of the Secret redis")]
    [InlineData("serviceAccountName: message-cleanup", "serviceAccountName: cleanup", "which is no ServiceAccount")]
    [InlineData("        - configMapRef:\n            name: settings-", "        - configMapRef:\n            name: setting-", "which does not exist")]
    [InlineData("        - name: Encryption__Secret\n", "        - name: APP_API_TOKENS\n", "APP_API_TOKENS stands in the files")]
    // In step with components/
    [InlineData("    value: \"32\"", "    value: \"64\"", "differs from components/")]
    [InlineData("maxRetries: 8", "maxRetries: 9", "differs from components/")]
    [InlineData("scopes:\n- message-encryption\n- batch-message-sending", "scopes:\n- message-encryption", "Component statestore differs from components/state.yaml")]
    [InlineData("    - name: healthz\n", "    - name: jobs\n", "differ from components/config.yaml")]
    // Schemas
    [InlineData("livenessProbe:", "livenesProbe:", "deploy/kubernetes/rendered/production.yaml:")]
    [InlineData("    policy: exponential", "    polciy: exponential", "polciy is not known")]
    public void What_is_broken_is_told(string right, string wrong, string problem)
    {
        var text = Overlay.Text("production");
        Assert.Contains(right, text, StringComparison.Ordinal);
        var at = text.IndexOf(right, StringComparison.Ordinal);
        var broken = Overlay.Parse(text[..at] + wrong + text[(at + right.Length)..], "production");
        Assert.Contains(broken.File.Problems.Count > 0 ? broken.File.Problems : Problems(broken), told => told.Contains(problem, StringComparison.Ordinal));
    }

    private List<string> Problems(Overlay overlay) =>
    [
        .. PodChecks.Check(overlay), .. SelectorChecks.Check(overlay), .. SidecarChecks.Check(overlay), .. ScalingChecks.Check(overlay), .. AccessChecks.Check(overlay),
        .. AddressChecks.Check(overlay), .. VolumeChecks.Check(overlay),
        .. ReferenceChecks.Check(overlay, secrets.Keys), .. ReferenceChecks.CheckNoSecrets(overlay), .. StepChecks.Check(overlay),
    ];

    /// <summary>The Secrets that the documented script makes.</summary>
    public sealed class MadeSecrets : IAsyncLifetime
    {
        internal IReadOnlyDictionary<string, IReadOnlyList<string>> Keys { get; private set; } = new Dictionary<string, IReadOnlyList<string>>();

        public async ValueTask InitializeAsync() => Keys = Secrets.KeysOf(await Secrets.MakeAsync(CancellationToken.None));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
