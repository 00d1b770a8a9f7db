using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Jobs.Client;

/// <summary>A method for each type of job, named by what it is for.</summary>
public static class JobsClientTypedExtensions
{
    /// <summary>Has a message stored, delivered, indexed, and its recipient notified. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">The message.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddMessageDeliveryJobAsync(
        this IJobsClient client, SendMessageJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Moves a message's status. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">The new status.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddDeliveryConfirmationJobAsync(
        this IJobsClient client, DeliveryConfirmationJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Notifies somebody by e-mail, SMS, push or in the app. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">The notification.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddMessageNotificationJobAsync(
        this IJobsClient client, SendNotificationJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Changes the search index. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">The change.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddMessageIndexingJobAsync(
        this IJobsClient client, IndexMessageJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Encrypts or decrypts a content. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">What to do.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddMessageEncryptionJobAsync(
        this IJobsClient client, EncryptDecryptJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Sends one message to many. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">The batch.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddBatchMessageSendingJobAsync(
        this IJobsClient client, BatchSendJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    /// <summary>Removes what is past its retention. See <see cref="IJobsClient.AddAsync{TData}"/>.</summary>
    /// <param name="client">The client.</param>
    /// <param name="data">What to remove.</param>
    /// <param name="options">What is asked for.</param>
    /// <param name="jobId">The job's id.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static Task<AddedJob> AddMessageCleanupJobAsync(
        this IJobsClient client, CleanupMessagesJob data, JobOptions? options = null, string? jobId = null, CancellationToken cancellationToken = default) =>
        Client(client).AddAsync(data, options, jobId, cancellationToken);

    private static IJobsClient Client(IJobsClient client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return client;
    }
}
