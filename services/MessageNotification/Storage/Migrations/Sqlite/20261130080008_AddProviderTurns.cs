using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace WhiteCross.MessageNotification.Storage.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class AddProviderTurns : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "provider_turns",
                columns: table => new
                {
                    provider = table.Column<string>(type: "TEXT", maxLength: 50, nullable: false),
                    next_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_provider_turns", x => x.provider);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "provider_turns");
        }
    }
}
