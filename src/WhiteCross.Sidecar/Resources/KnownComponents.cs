namespace WhiteCross.Sidecar.Resources;

/// <summary>The component types that this sidecar serves, with the settings that Dapr knows for them.</summary>
public static class KnownComponents
{
    /// <summary>Publish and subscribe on Redis Streams.</summary>
    public const string PubSubRedis = "pubsub.redis";

    /// <summary>State on Redis.</summary>
    public const string StateRedis = "state.redis";

    /// <summary>Secrets from a JSON file.</summary>
    public const string SecretsLocalFile = "secretstores.local.file";

    /// <summary>Secrets from the environment.</summary>
    public const string SecretsLocalEnv = "secretstores.local.env";

    private static readonly (string Name, MetadataForm Form)[] RedisConnection =
    [
        ("redisHost", MetadataForm.Text), ("redisPort", MetadataForm.Integer), ("redisUsername", MetadataForm.Text),
        ("redisPassword", MetadataForm.Text), ("redisDB", MetadataForm.Integer), ("redisType", MetadataForm.RedisType),
        ("failover", MetadataForm.Bool), ("sentinelMasterName", MetadataForm.Text), ("sentinelUsername", MetadataForm.Text),
        ("sentinelPassword", MetadataForm.Text), ("enableTLS", MetadataForm.Bool), ("insecureSkipTLSVerify", MetadataForm.Bool),
        ("clientCert", MetadataForm.Text), ("clientKey", MetadataForm.Text), ("useEntraID", MetadataForm.Bool),
        ("redisMaxRetries", MetadataForm.Integer), ("redisMinRetryInterval", MetadataForm.DurationOrMilliseconds),
        ("redisMaxRetryInterval", MetadataForm.DurationOrMilliseconds), ("dialTimeout", MetadataForm.DurationOrMilliseconds),
        ("readTimeout", MetadataForm.DurationOrMilliseconds), ("writeTimeout", MetadataForm.DurationOrMilliseconds),
        ("poolSize", MetadataForm.Integer), ("minIdleConns", MetadataForm.Integer), ("poolTimeout", MetadataForm.DurationOrMilliseconds),
        ("idleTimeout", MetadataForm.DurationOrMilliseconds), ("idleCheckFrequency", MetadataForm.DurationOrMilliseconds),
        ("maxConnAge", MetadataForm.DurationOrMilliseconds),
    ];

    // What Redis components take as a switch: less than Dapr takes elsewhere.
    private static readonly string[] GoBooleans = ["1", "t", "T", "true", "TRUE", "True", "0", "f", "F", "false", "FALSE", "False"];

    private static readonly Dictionary<string, ComponentType> Types = new(StringComparer.Ordinal)
    {
        [PubSubRedis] = new(ComponentKind.Pubsub,
        [
            .. RedisConnection,
            ("consumerID", MetadataForm.Text), ("concurrency", MetadataForm.Integer), ("queueDepth", MetadataForm.Integer),
            ("processingTimeout", MetadataForm.DurationOrMilliseconds), ("redeliverInterval", MetadataForm.MillisecondsOrIgnored),
            ("maxLenApprox", MetadataForm.Integer), ("streamTTL", MetadataForm.Duration), ("allowedTopics", MetadataForm.Text),
            ("protectedTopics", MetadataForm.Text), ("publishingScopes", MetadataForm.Text), ("subscriptionScopes", MetadataForm.Text),
        ]),
        [StateRedis] = new(ComponentKind.Statestore,
        [
            .. RedisConnection,
            ("keyPrefix", MetadataForm.Text), ("ttlInSeconds", MetadataForm.Integer), ("actorStateStore", MetadataForm.Flag),
            ("queryIndexes", MetadataForm.Text),
        ]),
        [SecretsLocalFile] = new(ComponentKind.Secretstore,
        [
            ("secretsFile", MetadataForm.Text), ("nestedSeparator", MetadataForm.Text), ("multiValued", MetadataForm.Flag),
        ]),
        [SecretsLocalEnv] = new(ComponentKind.Secretstore, [("prefix", MetadataForm.Text)]),
    };

    /// <summary>The types, in the order of their names.</summary>
    public static IReadOnlyList<string> TypeNames { get; } = [.. Types.Keys.Order(StringComparer.Ordinal)];

    /// <summary>What kind of component a type is.</summary>
    /// <param name="type">A known type.</param>
    /// <exception cref="ResourceException">It is not known.</exception>
    public static ComponentKind KindOf(string type) => Types.TryGetValue(type, out var known)
        ? known.Kind
        : throw new ResourceException($"component type '{type}' is not known; known are {string.Join(", ", TypeNames)}.");

    /// <summary>Checks type, version and settings of a component.</summary>
    /// <param name="component">The component.</param>
    /// <param name="typePosition">Where its type stands.</param>
    /// <param name="warnings">Takes what Dapr ignores.</param>
    /// <returns>The problems; none where it can be used.</returns>
    internal static IEnumerable<string> Check(ComponentResource component, SourcePosition typePosition, ICollection<string> warnings)
    {
        if (!Types.TryGetValue(component.Type, out var type))
        {
            return [$"{typePosition}: component '{component.Name}' has the type '{component.Type}', which the local sidecar does not serve; "
                + $"it serves {string.Join(", ", TypeNames)}. Run the app under daprd, or take the component out of its scopes."];
        }

        if (component.Version != "v1")
        {
            return [$"{typePosition}: component '{component.Name}' asks for version '{component.Version}' of {component.Type}; there is only v1."];
        }

        var problems = new List<string>();
        foreach (var name in component.Metadata.Names)
        {
            if (!type.Forms.TryGetValue(name, out var form))
            {
                warnings.Add($"{component.Metadata.PositionOf(name)}: {name} is not known to {component.Type} and is ignored.");
                continue;
            }

            if (form is MetadataForm.Bool or MetadataForm.Integer or MetadataForm.Duration or MetadataForm.DurationOrMilliseconds
                && component.Metadata.IsEmpty(name, out var reason))
            {
                warnings.Add($"{component.Metadata.PositionOf(name)}: {name} of component '{component.Name}' is empty{(reason is null ? string.Empty : $": {reason}")}. "
                    + "The local sidecar takes its default; daprd refuses the component.");
            }

            try
            {
                CheckForm(component.Metadata, name, form, warnings);
            }
            catch (ResourceException exception)
            {
                problems.AddRange(exception.Problems);
            }
        }

        return problems;
    }

    private static void CheckForm(ComponentMetadata metadata, string name, MetadataForm form, ICollection<string> warnings)
    {
        switch (form)
        {
            case MetadataForm.Integer:
                _ = metadata.WholeNumber(name, 0);
                break;
            case MetadataForm.Flag:
                _ = metadata.Flag(name);
                break;
            case MetadataForm.Bool when metadata.Text(name) is { } text && !GoBooleans.Contains(text):
                throw metadata.Wrong(name, "true or false");
            case MetadataForm.Duration:
                _ = metadata.Duration(name, TimeSpan.Zero);
                break;
            case MetadataForm.DurationOrMilliseconds:
                _ = metadata.DurationOrMilliseconds(name, TimeSpan.Zero);
                break;
            case MetadataForm.MillisecondsOrIgnored when metadata.Text(name) is { } text && !GoDuration.TryParseMilliseconds(text, out _):
                warnings.Add($"{metadata.PositionOf(name)}: {name} is '{text}'; Dapr takes only an integer of milliseconds here and keeps its default.");
                break;
            case MetadataForm.RedisType when metadata.Text(name) is { } text && text is not ("node" or "cluster"):
                throw metadata.Wrong(name, "node or cluster");
            default:
                break;
        }
    }

    private enum MetadataForm
    {
        Text,
        Integer,
        Flag,
        Bool,
        Duration,
        DurationOrMilliseconds,
        MillisecondsOrIgnored,
        RedisType,
    }

    private sealed class ComponentType(ComponentKind kind, (string Name, MetadataForm Form)[] forms)
    {
        public ComponentKind Kind => kind;

        public Dictionary<string, MetadataForm> Forms { get; } =
            forms.ToDictionary(form => form.Name, form => form.Form, StringComparer.OrdinalIgnoreCase);
    }
}
