using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using WhiteCross.Jobs.Contracts;
using WhiteCross.Jobs.Running;
using WhiteCross.Jobs.Store;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>Adding a batch whose recipients do not fit into a job's data: a form with the parts <c>job</c> and <c>recipients</c>.</summary>
internal static partial class UploadEndpoints
{
    private const string Queue = JobQueues.BatchMessageSending;
    private const long LargestUpload = 256L << 20;
    private const string HowTo = "Send multipart/form-data with the parts job (application/json: the envelope without recipientIds) and recipients (text/csv or application/x-ndjson).";

    public static void MapUploads(this IEndpointRouteBuilder queues) =>
        queues.MapPost($"/{Queue}/jobs", AddAsync)
            .Accepts<IFormFile>("multipart/form-data")
            .WithMetadata(new ReadsIdempotencyKey())
            .Produces<AcceptedJob>(StatusCodes.Status202Accepted)
            .Produces<JobRecord>()
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .TakesAnyContent()
            .WithName("AddBatchWithUpload")
            .WithSummary("Adds a batch with its recipients as an upload")
            .WithDescription($"{HowTo} NDJSON: a line {{recipientId, content?, conversationId?, variables?}} for each recipient. CSV: a row of column names first, of recipientId, content, conversationId and var.<name>. One wrong line, and nothing is added.");

    private static async Task<IResult> AddAsync(
        HttpContext context,
        BatchServiceClient batches,
        IJobPublisher publisher,
        IJobReader store,
        IOptionsMonitor<QueueOptions> options,
        TimeProvider time,
        ILogger<BatchServiceClient> logger)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = LargestUpload;
        }

        if (IdempotencyKey.Refusal(context, "give the part job a jobId, with which the whole request can be repeated.") is { } refused)
        {
            return refused;
        }

        var upload = new RecipientUpload(batches);
        var isKept = false;
        try
        {
            var (job, problem) = await ReadAsync(context.Request, upload, context.RequestAborted);
            if (problem is not null)
            {
                return problem;
            }

            var reading = Read(job!, upload.Id, upload.Count);
            var error = await upload.CheckMessagesAsync(reading.Data, context.RequestAborted);
            if (error is not null || upload.Errors.Count > 0)
            {
                return Problems.Invalid(error is null ? new Dictionary<string, string[]> { ["recipients"] = [.. upload.Errors] } : BatchChecks.ErrorsOf(error));
            }

            using var span = JobTelemetry.StartAdd(Queue, reading.Type);
            var added = NewJobFactory.Create(reading, options.Get(Queue), Guid.CreateVersion7(time.GetUtcNow()).ToString(), JobTelemetry.TraceParent(span)) with { AddedBy = Caller.NameOf(context) };
            added = added with { Note = Audit.NoteOf(context, added.JobId) };
            StoreEffects.WillAdd(context, [new BulkAccepted(0, added.JobId)]);

            // From here on the job may be on record, whoever goes away and whatever is not answered, and then it needs its recipients. If it is not, they
            // go by themselves when their time is over.
            isKept = true;
            var result = await RecordAsync(publisher, added);
            StoreEffects.Done(context);
            isKept = result.Outcome == AddOutcome.Added;
            var accepted = new AcceptedJob(added.JobId, Queue, added.Type, result.State);
            return isKept
                ? TypedResults.Accepted($"/queue/{Queue}/jobs/{Uri.EscapeDataString(added.JobId)}", accepted)
                : await AddEndpoints.KnownAsync(context, Queue, added, result, store);
        }
        catch (JobStoreUnavailableException exception) when (exception.IsWithoutEffect)
        {
            isKept = false;
            throw;
        }
        catch (BatchServiceAwayException exception)
        {
            LogAway(logger, exception);
            return Problems.UploadNotKept();
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Problems.TooLarge($"An upload may have at most {LargestUpload >> 20} MiB; split the batch.");
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException && !context.RequestAborted.IsCancellationRequested)
        {
            return Problems.Invalid("body", $"is not a complete form. {HowTo}");
        }
        finally
        {
            if (!isKept)
            {
                await upload.RemoveAsync();
            }
        }
    }

    // Not ended by the caller's patience: the job would be added all the same, and nobody would know.
    private static ValueTask<AddResult> RecordAsync(IJobPublisher publisher, NewJob job) => publisher.AddAsync(Queue, job, CancellationToken.None);

    [LoggerMessage(LogLevel.Warning, "An upload of recipients could not be stored; no job was added")]
    private static partial void LogAway(ILogger logger, Exception exception);

    private static async Task<(byte[]? Job, IResult? Problem)> ReadAsync(HttpRequest request, RecipientUpload upload, CancellationToken cancellationToken)
    {
        var boundary = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Boundary).Value : null;
        if (string.IsNullOrEmpty(boundary))
        {
            return (null, Problems.Invalid("body", $"has no boundary. {HowTo}"));
        }

        byte[]? job = null;
        var hasRecipients = false;
        var form = new MultipartReader(boundary, request.Body);
        while (await form.ReadNextSectionAsync(cancellationToken) is { } part)
        {
            switch (part.GetContentDispositionHeader()?.Name.Value?.Trim('"'))
            {
                case "job" when job is null:
                    job = await ReadJobAsync(part.Body, cancellationToken);
                    if (job is null)
                    {
                        return (null, Problems.TooLarge("A job's data may have at most 1 MiB."));
                    }

                    var first = UploadedJob.With(job, upload.Id, 1, out var taken);
                    if (taken is not null)
                    {
                        return (null, Problems.Invalid($"data.{taken}", "must be left out: the upload says it."));
                    }

                    if (JobEnvelopeReader.Default.Read(JobQueues.Get(Queue), first) is { IsValid: false } wrong)
                    {
                        return (null, Problems.Invalid(wrong.Errors));
                    }

                    break;
                case "recipients" when !hasRecipients:
                    hasRecipients = true;
                    if (RecipientLines.Read(part.ContentType, part.Body, cancellationToken) is not { } lines)
                    {
                        return (null, Problems.Invalid("recipients", "must have content-type text/csv (or application/vnd.ms-excel, text/tab-separated-values) or application/x-ndjson."));
                    }

                    await upload.ReadAsync(lines, cancellationToken);
                    if (upload.Errors.Count > 0)
                    {
                        return (null, Problems.Invalid(new Dictionary<string, string[]> { ["recipients"] = [.. upload.Errors] }));
                    }

                    break;
                default:
                    return (null, Problems.Invalid("body", $"has a part that is not known, or one twice. {HowTo}"));
            }
        }

        return job is null ? (null, Problems.Invalid("job", $"is required. {HowTo}"))
            : !hasRecipients ? (null, Problems.Invalid("recipients", $"is required. {HowTo}"))
            : (job, null);
    }

    private static JobReading Read(byte[] job, Guid uploadId, int count) =>
        JobEnvelopeReader.Default.Read(JobQueues.Get(Queue), UploadedJob.With(job, uploadId, count, out _));

    private static async Task<byte[]?> ReadJobAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var copy = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            if (copy.Length + read > JobLimits.EnvelopeBytes)
            {
                return null;
            }

            copy.Write(buffer, 0, read);
        }

        return copy.ToArray();
    }
}
