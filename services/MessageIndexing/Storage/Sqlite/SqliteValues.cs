using Microsoft.Data.Sqlite;

namespace WhiteCross.MessageIndexing;

/// <summary>How ids and times are stored in SQLite: 16 bytes in the order of their text, and ticks of UTC.</summary>
internal static class SqliteValues
{
    public static object ToStored(this Guid id) => id.ToByteArray(bigEndian: true);

    public static object ToStored(this Guid? id) => id?.ToStored() ?? DBNull.Value;

    public static object ToStored(this DateTimeOffset? time) => time?.UtcTicks ?? (object)DBNull.Value;

    public static Guid? FindId(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new Guid(reader.GetFieldValue<byte[]>(column), bigEndian: true);

    public static DateTimeOffset? FindTime(this SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : new DateTimeOffset(reader.GetInt64(column), TimeSpan.Zero);

    public static SqliteCommand Command(this SqliteConnection connection, string sql, SqliteTransaction? transaction = null)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // Put together from constants; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Transaction = transaction;
        return command;
    }
}
