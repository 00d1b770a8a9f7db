using System.Text.Json.Nodes;
using Spectre.Console;
using WhiteCross.Cli.Output;

namespace WhiteCross.Cli.Importing;

/// <summary>What became of a job.</summary>
internal enum ImportOutcome
{
    /// <summary>It is on record here now; on a dry run, it would be.</summary>
    Taken,

    /// <summary>It was on record here already.</summary>
    Known,

    /// <summary>It stays in Bull: see why.</summary>
    Left,

    /// <summary>A worker of Bull began it meanwhile.</summary>
    Gone,
}

/// <summary>What an import did, or would do.</summary>
internal sealed class ImportReport(bool isDryRun)
{
    private const int Named = 5;

    private readonly List<Line> _lines = [];
    private readonly List<string> _remarks = [];

    public bool HasLeft => _lines.Exists(line => line.Outcome == ImportOutcome.Left);

    public long CountOf(ImportOutcome outcome) => _lines.Count(line => line.Outcome == outcome);

    public void Add(BullQueue from, BullPlace place, string? queue, string? jobId, ImportOutcome outcome, string? why, IReadOnlyList<string> notes) =>
        _lines.Add(new Line(from.Name, place.Id, place.State, queue, jobId, outcome, why, notes));

    public void Remark(string text) => _remarks.Add(text);

    /// <summary>Writes a line of JSON for each job.</summary>
    public async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            await File.WriteAllLinesAsync(file, _lines.Select(line => Json(line).ToJsonString()), cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongInput, $"The report cannot be written to {file}: see the folder and its permissions.");
        }
    }

    public void Show(Screen screen)
    {
        if (screen.IsJson)
        {
            screen.WriteJson(new JsonObject
            {
                ["dryRun"] = isDryRun,
                ["taken"] = CountOf(ImportOutcome.Taken),
                ["known"] = CountOf(ImportOutcome.Known),
                ["left"] = CountOf(ImportOutcome.Left),
                ["gone"] = CountOf(ImportOutcome.Gone),
                ["jobs"] = new JsonArray([.. _lines.Select(Json)]),
                ["remarks"] = new JsonArray([.. _remarks.Select(remark => (JsonNode)remark)]),
            });
            return;
        }

        if (_lines.Count > 0)
        {
            screen.Write(TableOf(isDryRun ? ">would take" : ">taken"));
        }

        Explain(screen, "Left in Bull", ImportOutcome.Left, line => [line.Why!]);
        Explain(screen, "Taken without", ImportOutcome.Taken, line => line.Notes);
        _remarks.ForEach(screen.Note);
        screen.WriteLine(isDryRun
            ? $"{Texts.Jobs(CountOf(ImportOutcome.Taken))} would be taken, {Texts.Number(CountOf(ImportOutcome.Left))} left. Nothing was changed."
            : $"{Texts.Jobs(CountOf(ImportOutcome.Taken))} taken, {Texts.Number(CountOf(ImportOutcome.Known))} known already, {Texts.Number(CountOf(ImportOutcome.Left))} left.");
    }

    private static JsonObject Json(Line line) => new()
    {
        ["from"] = line.From,
        ["id"] = line.Id,
        ["state"] = Texts.Word(line.State),
        ["outcome"] = Texts.Word(line.Outcome),
        ["queue"] = line.Queue,
        ["jobId"] = line.JobId,
        ["why"] = line.Why,
        ["without"] = new JsonArray([.. line.Notes.Select(note => (JsonNode)note)]),
    };

    private void Explain(Screen screen, string title, ImportOutcome outcome, Func<Line, IReadOnlyList<string>> reasons)
    {
        var groups = _lines.Where(line => line.Outcome == outcome).SelectMany(line => reasons(line).Select(reason => (line, reason)))
            .GroupBy(item => (item.line.From, item.reason), item => item.line.Id).ToList();
        if (groups.Count > 0)
        {
            screen.WriteLine($"{title}:");
        }

        foreach (var group in groups)
        {
            var ids = group.ToList();
            screen.WriteLine($"  {group.Key.From} {string.Join(", ", ids.Take(Named))}{(ids.Count > Named ? $" and {Texts.Number(ids.Count - Named)} more" : string.Empty)}: {group.Key.reason}");
        }
    }

    private Listing TableOf(string taken)
    {
        var table = Tables.Create("from", "state", "to", taken, ">known", ">left", ">gone");
        foreach (var group in _lines.GroupBy(line => (line.From, line.State)))
        {
            table.AddRow(
                Tables.Cell(group.Key.From),
                Tables.Cell(Texts.Word(group.Key.State)),
                Tables.Cell(string.Join(", ", group.Select(line => line.Queue).OfType<string>().Distinct(StringComparer.Ordinal)) is { Length: > 0 } queues ? queues : "–"),
                Tables.Cell(group.Count(line => line.Outcome == ImportOutcome.Taken)),
                Tables.Cell(group.Count(line => line.Outcome == ImportOutcome.Known)),
                Tables.Cell(group.Count(line => line.Outcome == ImportOutcome.Left), Tables.Warning),
                Tables.Cell(group.Count(line => line.Outcome == ImportOutcome.Gone)));
        }

        return table;
    }

    private sealed record Line(string From, string Id, BullState State, string? Queue, string? JobId, ImportOutcome Outcome, string? Why, IReadOnlyList<string> Notes);
}
