using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The job types that are known here: how their data is read, and by which rules it is valid. Immutable.</summary>
public sealed class JobTypeRegistry
{
    private readonly FrozenDictionary<string, Entry> _types;
    private readonly Entry[] _inOrder;

    private JobTypeRegistry(IEnumerable<Entry> types)
    {
        _inOrder = [.. types];
        _types = _inOrder.ToFrozenDictionary(type => type.JobType, StringComparer.Ordinal);
    }

    /// <summary>The job types of White Cross: a line for each.</summary>
    public static JobTypeRegistry Default { get; } = new JobTypeRegistry([])
        .With<SendMessageJob>()
        .With<DeliveryConfirmationJob>()
        .With<SendNotificationJob>()
        .With<IndexMessageJob>()
        .With<EncryptDecryptJob>()
        .With<BatchSendJob>()
        .With<CleanupMessagesJob>();

    /// <summary>The names of the types, in the order in which they were added.</summary>
    public IReadOnlyList<string> JobTypes => [.. _inOrder.Select(type => type.JobType)];

    /// <summary>The names of the types that a queue takes.</summary>
    /// <param name="queue">The queue's name.</param>
    public IReadOnlyList<string> JobTypesOf(string queue) => [.. _inOrder.Where(type => type.Queue == queue).Select(type => type.JobType)];

    /// <summary>A valid envelope of a type, as JSON.</summary>
    /// <param name="jobType">The type's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public string ExampleOf(string jobType) => _types[jobType].Example;

    /// <summary>The type of a job type's data.</summary>
    /// <param name="jobType">The job type's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public Type DataOf(string jobType) => _types[jobType].Data;

    /// <summary>How a job type's data is written.</summary>
    /// <param name="jobType">The job type's name.</param>
    /// <exception cref="KeyNotFoundException">There is no such type.</exception>
    public JsonTypeInfo JsonOf(string jobType) => _types[jobType].Json;

    /// <summary>These types and one more; one of the same name is replaced.</summary>
    /// <typeparam name="TData">The type's data.</typeparam>
    public JobTypeRegistry With<TData>()
        where TData : class, IJobData<TData> =>
        new(
        [
            .. _inOrder.Where(type => type.JobType != TData.JobType),
            new(TData.JobType, TData.Queue, typeof(TData), TData.Example, new JobTypeReader<TData>(TData.Json, TData.Validator), JobJson.Written<TData>()),
        ]);

    internal JobTypeReader? Find(string jobType) => _types.GetValueOrDefault(jobType)?.Reader;

    private sealed record Entry(string JobType, string Queue, Type Data, string Example, JobTypeReader Reader, JsonTypeInfo Json);
}
