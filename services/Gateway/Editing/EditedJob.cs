using System.Text.Json;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Store;

namespace WhiteCross.Gateway;

/// <summary>A failed job with its data changed, judged by the rules by which jobs are added.</summary>
internal sealed class EditedJob
{
    private EditedJob(JobRecord job, JsonNode? data, IReadOnlyDictionary<string, string[]> errors) => (Job, Data, Errors) = (job, data, errors);

    public JobRecord Job { get; }

    public JsonNode? Data { get; }

    public IReadOnlyDictionary<string, string[]> Errors { get; }

    public bool IsValid => Errors.Count == 0;

    public static EditedJob Of(JobRecord job, DataEdit edit)
    {
        var errors = new Dictionary<string, string[]>();
        var data = edit.Apply(job.Data, errors);
        if (errors.Count > 0)
        {
            return new EditedJob(job, data, errors);
        }

        var envelope = new JsonObject { ["type"] = job.Type, ["data"] = data?.DeepClone() };
        var reading = JobEnvelopeReader.Default.Read(JobQueues.Get(job.Queue), JsonSerializer.SerializeToUtf8Bytes(envelope));
        return new EditedJob(job, data, reading.IsTooLarge ? new Dictionary<string, string[]> { ["data"] = ["may have at most 1 MiB."] } : reading.Errors);
    }

    /// <summary>Makes it wait again with the new data, unless it is another failure by now.</summary>
    public Task<ChangeOutcome> RetryAsync(IJobControl store, CancellationToken cancellationToken) => store.RetryWithAsync(
        Job.Queue,
        new NewJob { JobId = Job.JobId, Type = Job.Type, Data = Json(), Terms = JobTerms.Of(Job.JobId, Job.Type, Json(), null) },
        Job.FinishedAt ?? DateTimeOffset.MinValue,
        cancellationToken);

    public ReadOnlyMemory<byte> Json() => JsonSerializer.SerializeToUtf8Bytes(Data);
}
