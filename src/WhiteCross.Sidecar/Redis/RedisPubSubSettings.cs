using WhiteCross.Sidecar.Resources;

namespace WhiteCross.Sidecar.Redis;

/// <summary>The settings of pubsub.redis that say how its streams are written and read.</summary>
public sealed record RedisPubSubSettings
{
    /// <summary>The consumer group, and the consumer in it; the app id by default.</summary>
    public required string ConsumerId { get; init; }

    /// <summary>What every topic begins with; only where the consumer id has the template <c>{namespace}</c>.</summary>
    public string TopicPrefix { get; init; } = string.Empty;

    /// <summary>Workers of the component, shared by all its topics; 10 by default.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>The size of the buffer before the workers, and how many entries are read at once; 100 by default.</summary>
    public int QueueDepth { get; init; } = 100;

    /// <summary>How long a pending entry must have been idle to be claimed; 60 s by default, zero: never claimed.</summary>
    public TimeSpan ProcessingTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often pending entries are looked for; 15 s by default, zero: never.</summary>
    public TimeSpan RedeliverInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>At about how many entries a stream is cut when it is written to; zero, the default: never.</summary>
    public int MaxLenApprox { get; init; }

    /// <summary>At which age entries are cut when a stream is written to; zero, the default: never.</summary>
    public TimeSpan StreamTtl { get; init; }

    /// <summary>Reads the settings of a component.</summary>
    /// <param name="component">A component of the type pubsub.redis.</param>
    /// <param name="appId">The app.</param>
    /// <exception cref="ResourceException">A setting is wrong.</exception>
    public static RedisPubSubSettings Of(ComponentResource component, string appId)
    {
        ArgumentNullException.ThrowIfNull(component);
        var metadata = component.Metadata;
        var (maxLen, ttl) = (metadata.WholeNumber("maxLenApprox", 0, 0), metadata.Duration("streamTTL", TimeSpan.Zero));
        if (maxLen > 0 && ttl > TimeSpan.Zero)
        {
            throw metadata.Wrong("streamTTL", "left out where maxLenApprox is set: a stream is cut by one of them");
        }

        var byDefault = new RedisPubSubSettings { ConsumerId = appId };
        return byDefault with
        {
            ConsumerId = metadata.Text("consumerID") ?? appId,
            TopicPrefix = metadata.TopicPrefix,
            Concurrency = metadata.WholeNumber("concurrency", byDefault.Concurrency, 1),
            QueueDepth = metadata.WholeNumber("queueDepth", byDefault.QueueDepth, 1),
            ProcessingTimeout = NotNegative("processingTimeout", metadata.DurationOrMilliseconds("processingTimeout", byDefault.ProcessingTimeout)),
            RedeliverInterval = NotNegative("redeliverInterval", metadata.MillisecondsOrIgnored("redeliverInterval", byDefault.RedeliverInterval)),
            MaxLenApprox = maxLen,
            StreamTtl = NotNegative("streamTTL", ttl),
        };

        TimeSpan NotNegative(string name, TimeSpan value) => value >= TimeSpan.Zero ? value : throw metadata.Wrong(name, "zero or more");
    }
}
