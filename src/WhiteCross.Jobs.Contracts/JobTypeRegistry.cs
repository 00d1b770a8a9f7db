using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;

namespace WhiteCross.Jobs.Contracts;

/// <summary>The job types that are known here: how their data is read, and by which rules it is valid. Immutable.</summary>
public sealed class JobTypeRegistry
{
    private readonly FrozenDictionary<string, JobTypeReader> _readers;

    private JobTypeRegistry(IEnumerable<KeyValuePair<string, JobTypeReader>> readers) => _readers = readers.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The seven job types of White Cross.</summary>
    public static JobTypeRegistry Default { get; } = new JobTypeRegistry([])
        .With(JobsJsonContext.Strict.SendMessageJob, new SendMessageJobValidator())
        .With(JobsJsonContext.Strict.DeliveryConfirmationJob, new DeliveryConfirmationJobValidator())
        .With(JobsJsonContext.Strict.SendNotificationJob, new SendNotificationJobValidator())
        .With(JobsJsonContext.Strict.IndexMessageJob, new IndexMessageJobValidator())
        .With(JobsJsonContext.Strict.EncryptDecryptJob, new EncryptDecryptJobValidator())
        .With(JobsJsonContext.Strict.BatchSendJob, new BatchSendJobValidator())
        // What narrows a clean-up must not be passed over because of a typing error.
        .With(JobsJsonContext.Closed.CleanupMessagesJob, new CleanupMessagesJobValidator());

    /// <summary>The names of the types.</summary>
    public IReadOnlyCollection<string> JobTypes => _readers.Keys;

    /// <summary>These types and one more; one of the same name is replaced.</summary>
    /// <typeparam name="TData">The type's data.</typeparam>
    /// <param name="json">How it is read, from a source-generated context; one with <c>AllowDuplicateProperties = false</c> refuses a property given twice.</param>
    /// <param name="validator">By which rules it is valid.</param>
    public JobTypeRegistry With<TData>(JsonTypeInfo<TData> json, IValidator<TData> validator)
        where TData : class, IJobData =>
        new([.. _readers.Where(entry => entry.Key != TData.JobType), KeyValuePair.Create<string, JobTypeReader>(TData.JobType, new JobTypeReader<TData>(json, validator))]);

    internal JobTypeReader? Find(string jobType) => _readers.GetValueOrDefault(jobType);
}
